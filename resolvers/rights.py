"""Rights: which roles may call which operation. The one table; a root field without an entry cannot be built.

Roles open the door; which rows somebody sees behind it is decided by their scope, in the store.
"""

from collections.abc import Mapping

from domain.people import HOST, PARTNER, Role

Roles = frozenset[Role]

MEMBER: Roles = frozenset({Role.MEMBER})
DESK: Roles = frozenset({Role.MSR, Role.MANAGER, *PARTNER})
"""Who serves members: employees, and partners for their own rows."""
STAFF: Roles = frozenset({Role.MSR, Role.MANAGER})
MANAGERS: Roles = frozenset({Role.MANAGER})
ADMINISTRATORS: Roles = frozenset({Role.PROGRAM_ADMINISTRATOR})
PARTNER_MANAGERS: Roles = frozenset({Role.PARTNER_MANAGER})
STAFF_AND_ADMINISTRATORS = STAFF | ADMINISTRATORS
EMPLOYEES_AND_PARTNERS = HOST | PARTNER
EVERYBODY = EMPLOYEES_AND_PARTNERS | MEMBER

RIGHTS: Mapping[str, Roles] = {
    # everything that has an id, and who I am
    "viewer": EVERYBODY,
    "node": EVERYBODY,
    "nodes": EVERYBODY,
    "_entities": EVERYBODY,
    # programs
    "program": EVERYBODY,
    "programs": EVERYBODY,
    "ruleKinds": HOST,
    "product": EVERYBODY,
    "products": EVERYBODY,
    "programCreate": ADMINISTRATORS,
    "programUpdate": ADMINISTRATORS,
    "programActivate": ADMINISTRATORS,
    "programDeactivate": ADMINISTRATORS,
    "pointTypeCreate": ADMINISTRATORS,
    "pointTypeUpdate": ADMINISTRATORS,
    "productCreate": ADMINISTRATORS,
    "productUpdate": ADMINISTRATORS,
    "productPriceSet": ADMINISTRATORS,
    "productPriceRemove": ADMINISTRATORS,
    # promotions
    "promotion": EVERYBODY,
    "promotions": EVERYBODY,
    "promotionCreate": ADMINISTRATORS,
    "promotionUpdate": ADMINISTRATORS,
    "promotionActivate": ADMINISTRATORS,
    "promotionDeactivate": ADMINISTRATORS,
    "promotionEnroll": DESK | ADMINISTRATORS | MEMBER,
    "attributeDefine": ADMINISTRATORS,
    # tiers
    "tierClassCreate": ADMINISTRATORS,
    "tierClassUpdate": ADMINISTRATORS,
    "tierCreate": ADMINISTRATORS,
    "tierUpdate": ADMINISTRATORS,
    "tierRequestsWaiting": HOST,
    "memberTierRequest": DESK,
    "memberTierRequestApprove": HOST,
    "memberTierRequestReject": HOST,
    # people
    "person": HOST,
    "people": HOST,
    "personCreate": ADMINISTRATORS,
    "personUpdate": ADMINISTRATORS,
    # members
    "member": EVERYBODY,
    "members": EMPLOYEES_AND_PARTNERS,
    "memberEnroll": DESK | ADMINISTRATORS,
    "memberUpdate": DESK | ADMINISTRATORS | MEMBER,
    "memberStatusChange": STAFF_AND_ADMINISTRATORS,
    # transactions: who may make which move of which one is decided by the table of moves (domain/move_rights.py)
    "transaction": EVERYBODY,
    "transactions": EVERYBODY,
    "approvals": EMPLOYEES_AND_PARTNERS,
    "transactionCreate": DESK | MEMBER,
    "transactionUpdate": DESK | MEMBER,
    "transactionDelete": DESK | MEMBER,
    "transactionSubmit": DESK,
    "transactionForward": HOST,
    "transactionApprove": HOST,
    "transactionReject": HOST,
    "transactionAccept": DESK,
    "transactionQueue": DESK,
    "transactionSendToPartner": DESK,
    "transactionPartnerApprove": PARTNER,
    "transactionPartnerReject": PARTNER,
    "transactionRecall": DESK | MEMBER,
    "transactionReopen": DESK | MEMBER,
    "transactionProcess": DESK | MEMBER,
    "transactionSimulate": EVERYBODY,
    "transactionsRequeue": MANAGERS | ADMINISTRATORS,
    "transactionChanged": EVERYBODY,
    # points in one call
    "pointsEarn": DESK,
    "pointsRedeem": DESK | MEMBER,
    "pointsGift": DESK,
    # partners
    "partner": EVERYBODY,
    "partners": EVERYBODY,
    "partnerCreate": PARTNER_MANAGERS | ADMINISTRATORS,
    "partnerUpdate": PARTNER_MANAGERS | ADMINISTRATORS,
    "partnerTermsSet": PARTNER_MANAGERS | ADMINISTRATORS,
}
"""Operation, as clients call it -> the roles of which one is enough (domain: people and what they may do)."""
