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
PARTNER_PROGRAM_ADMINISTRATORS: Roles = frozenset({Role.PARTNER_PROGRAM_ADMINISTRATOR})
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
    "promotionCreate": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,  # all but administrators: joint ones
    "promotionUpdate": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    "promotionActivate": ADMINISTRATORS,
    "promotionDeactivate": ADMINISTRATORS,
    "jointPromotionPropose": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    "jointPromotionApprove": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    "jointPromotionReject": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    "jointPromotionNote": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    # campaigns: who may make which move of one is decided by their table of moves
    "campaign": EMPLOYEES_AND_PARTNERS,
    "campaigns": EMPLOYEES_AND_PARTNERS,
    "campaignCreate": ADMINISTRATORS | PARTNER_MANAGERS,
    "campaignUpdate": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    "campaignPropose": ADMINISTRATORS | PARTNER_MANAGERS,
    "campaignAgree": PARTNER,
    "campaignStart": ADMINISTRATORS | PARTNER_MANAGERS,
    "campaignEnd": ADMINISTRATORS | PARTNER_MANAGERS,
    "campaignCancel": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    "campaignNote": ADMINISTRATORS | PARTNER_MANAGERS | PARTNER,
    "promotionEnroll": DESK | ADMINISTRATORS | MEMBER,
    "attributeDefine": ADMINISTRATORS,
    # tiers
    "tierClassCreate": ADMINISTRATORS,
    "tierClassUpdate": ADMINISTRATORS,
    "tierCreate": ADMINISTRATORS,
    "tierUpdate": ADMINISTRATORS,
    "tierRequestsWaiting": HOST,
    "memberTierRequest": DESK,
    "memberTierRequestForward": HOST,
    "memberTierRequestApprove": HOST,
    "memberTierRequestReject": HOST,
    # loans
    "memberMaxLoanSet": STAFF,
    "memberMaxLoanForward": HOST,
    "memberMaxLoanApprove": HOST,
    "memberMaxLoanReject": HOST,
    "loanRequest": STAFF,
    "loanRepay": STAFF,
    # people
    "person": HOST,
    "people": HOST,
    "personCreate": ADMINISTRATORS,
    "personUpdate": ADMINISTRATORS,
    # API keys: administrators of those whom they reach, everybody else of themselves
    "apiKeys": HOST | PARTNER,
    "apiKeyCreate": HOST | PARTNER,
    "apiKeyRotate": HOST | PARTNER,
    "apiKeyRevoke": HOST | PARTNER,
    # members
    "member": EVERYBODY,
    "members": EMPLOYEES_AND_PARTNERS,
    "memberEnroll": DESK | ADMINISTRATORS,
    "partnerMemberEnroll": PARTNER,
    "memberUpdate": DESK | ADMINISTRATORS | MEMBER,
    "memberStatusChange": STAFF_AND_ADMINISTRATORS,
    "memberMerge": STAFF_AND_ADMINISTRATORS,
    "memberErase": ADMINISTRATORS,
    "memberExport": ADMINISTRATORS,
    "householdJoin": STAFF_AND_ADMINISTRATORS,
    "householdLeave": STAFF_AND_ADMINISTRATORS,
    # transactions: who may make which move of which one is decided by the table of moves (domain/move_rights.py)
    "transaction": EVERYBODY,
    "transactions": EVERYBODY,
    "approvals": EMPLOYEES_AND_PARTNERS,
    "approvalWaiting": EMPLOYEES_AND_PARTNERS,
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
    "transactionsRequeue": DESK,
    "disputeOpen": DESK | MEMBER,
    "importStart": MANAGERS | ADMINISTRATORS | PARTNER,
    "transactionCancel": DESK,
    "transactionRefund": DESK,
    "transactionChanged": EVERYBODY,
    # points in one call
    "pointsEarn": DESK,
    "pointsRedeem": DESK | MEMBER,
    "pointsHold": DESK | MEMBER,
    "pointsCapture": DESK | MEMBER,
    "pointsRelease": DESK | MEMBER,
    "pointsGift": DESK,
    "pointsTransfer": DESK | MEMBER,
    # activities
    "activities": EMPLOYEES_AND_PARTNERS,
    "activityClose": EMPLOYEES_AND_PARTNERS,
    # the batch engine
    "batchStart": MANAGERS | ADMINISTRATORS,
    "batchStop": MANAGERS | ADMINISTRATORS,
    "batchRun": HOST,
    "batchRuns": HOST,
    "batchProgress": HOST,
    # vouchers
    "voucher": EVERYBODY,
    "vouchers": EVERYBODY,
    "voucherIssue": STAFF,
    "voucherReserve": DESK | MEMBER,
    "voucherRelease": DESK | MEMBER,
    "voucherUse": DESK,
    "voucherCancel": STAFF,
    "voucherReissue": STAFF,
    # partners
    "partner": EVERYBODY,
    "partners": EVERYBODY,
    "partnerCreate": PARTNER_MANAGERS | ADMINISTRATORS,
    "partnerUpdate": PARTNER_MANAGERS | ADMINISTRATORS,
    "partnerTermsSet": PARTNER_MANAGERS | ADMINISTRATORS,
    # what partners pay for points
    "pricingRule": EMPLOYEES_AND_PARTNERS,
    "pricingRules": EMPLOYEES_AND_PARTNERS,
    "pricingRuleCreate": PARTNER_MANAGERS | ADMINISTRATORS,
    "pricingRuleUpdate": PARTNER_MANAGERS | ADMINISTRATORS,
    # partner accounts
    "partnerTransactions": EMPLOYEES_AND_PARTNERS,
    "partnerBalance": EMPLOYEES_AND_PARTNERS,
    "partnerStatement": EMPLOYEES_AND_PARTNERS,
    "partnerBill": EMPLOYEES_AND_PARTNERS,
    "partnerBalanceAdjust": PARTNER_MANAGERS | ADMINISTRATORS,
    "partnerFeeCharge": PARTNER_MANAGERS | ADMINISTRATORS,
    "partnerFeeRefund": PARTNER_MANAGERS | ADMINISTRATORS,
    "statementClose": PARTNER_MANAGERS | ADMINISTRATORS,
    # blocks of points: who may make which move of which one is decided by the table of moves (domain/block_moves.py)
    "pointBlock": EMPLOYEES_AND_PARTNERS,
    "pointBlocks": EMPLOYEES_AND_PARTNERS,
    "pointBlockPurchase": PARTNER_MANAGERS | ADMINISTRATORS,
    "pointBlockApprove": PARTNER_MANAGERS | ADMINISTRATORS,
    "pointBlockReject": PARTNER_MANAGERS | ADMINISTRATORS,
    "pointBlockForward": PARTNER_MANAGERS | ADMINISTRATORS,
    "pointBlockCarve": PARTNER_MANAGERS | ADMINISTRATORS,
    "pointBlockClose": PARTNER_MANAGERS | ADMINISTRATORS,
    # operation
    "jobs": ADMINISTRATORS,
    "jobStart": ADMINISTRATORS,
    "webhookEndpoint": ADMINISTRATORS | PARTNER,
    "webhookEndpoints": ADMINISTRATORS | PARTNER,
    "deliveries": ADMINISTRATORS | PARTNER,
    "webhookEndpointCreate": ADMINISTRATORS | PARTNER,
    "webhookEndpointUpdate": ADMINISTRATORS | PARTNER,
    "webhookEndpointRotate": ADMINISTRATORS | PARTNER,
    "webhookEndpointDelete": ADMINISTRATORS | PARTNER,
    "webhookEndpointReplay": ADMINISTRATORS | PARTNER,
    # partner programs: who may make which move of an application or membership is decided by their tables of moves
    "partnerProgram": EMPLOYEES_AND_PARTNERS,
    "partnerPrograms": EMPLOYEES_AND_PARTNERS,
    "partnerProgramCreate": PARTNER_PROGRAM_ADMINISTRATORS,
    "partnerProgramUpdate": PARTNER_PROGRAM_ADMINISTRATORS,
    "partnerProgramActivate": PARTNER_PROGRAM_ADMINISTRATORS,
    "partnerProgramListChange": PARTNER_PROGRAM_ADMINISTRATORS,
    "application": EMPLOYEES_AND_PARTNERS,
    "applications": EMPLOYEES_AND_PARTNERS,
    "applicationSave": PARTNER | PARTNER_PROGRAM_ADMINISTRATORS,
    "applicationSubmit": PARTNER | PARTNER_PROGRAM_ADMINISTRATORS,
    "applicationAccept": PARTNER_PROGRAM_ADMINISTRATORS,
    "applicationApprove": PARTNER_PROGRAM_ADMINISTRATORS,
    "applicationReject": PARTNER_PROGRAM_ADMINISTRATORS,
    "membership": EMPLOYEES_AND_PARTNERS,
    "memberships": EMPLOYEES_AND_PARTNERS,
    "membershipRenew": PARTNER | PARTNER_PROGRAM_ADMINISTRATORS,
    "membershipsAdd": PARTNER_PROGRAM_ADMINISTRATORS,
    "membershipsRemove": PARTNER_PROGRAM_ADMINISTRATORS,
}
"""Operation, as clients call it -> the roles of which one is enough (domain: people and what they may do)."""

NODES: Mapping[str, Roles] = {
    "ApiKey": RIGHTS["apiKeys"],
    "BatchRun": RIGHTS["batchRun"],
    "Delivery": RIGHTS["deliveries"],
    "WebhookEndpoint": RIGHTS["webhookEndpoint"],
}
"""Type with a global id -> the roles that are shown one by its id, where these are not all: the same as by its own operations."""
