"""Setting up: the tables of the database and the queues of the broker, as this release needs them."""

from app.addresses import broker_url
from app.settings import Settings
from domain.store import health
from workers import broker as brokers


def set_up(settings: Settings, url: str) -> None:
    """Do it; does nothing where all is there. Raises DatabaseUnusable and BrokerUnusable."""
    health.upgrade(url)
    address = broker_url(settings, url)
    broker = brokers.connect(address)
    try:
        brokers.prepare(broker, address)
    finally:
        broker.close()
