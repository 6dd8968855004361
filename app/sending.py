"""From settings to the means by which a worker delivers emails and webhooks."""

from app.settings import Settings
from workers.delivery import Means
from workers.emails import Post


def means(settings: Settings) -> Means:
    """How this installation delivers."""
    server = None if settings.smtp_url is None else settings.smtp_url.get_secret_value()
    return Means(Post(settings.mail_from, settings.emails_folder, server), private=settings.webhooks_private)
