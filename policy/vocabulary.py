"""The closed vocabulary of the law: acts, categories, positions, purposes, kinds, and what implies what.

The words for buyers are in `roles`, what else a law can ask is in `facts`.

A word that no instrument needs does not belong here; a new one names the instrument that needs it.
"""

from enum import StrEnum


class Act(StrEnum):
    """What is done with a product. A clause forbids acts, a request asks for them."""

    ACQUIRE = "acquire"
    RENEW = "renew"  # extend, or exercise an option
    CONTRACT_WITH_USER = "contract-with-user"
    USE = "use"
    RETAIN = "retain"  # keep what is there: a duty to remove forbids this
    INSTALL = "install"
    PROVIDE = "provide"
    UPDATE = "update"
    RESELL = "resell"
    INTEGRATE = "integrate"
    LICENSE = "license"
    AUTHORIZE = "authorize"  # a regulator's approval to market
    FUND = "fund"  # spend grant or subsidy money
    OPERATE = "operate"


CONTINUING_ACTS = frozenset({Act.USE, Act.UPDATE, Act.RETAIN, Act.OPERATE, Act.RESELL})
"""Acts that last over a request's term; the others happen when it is ordered or delivered."""

DELIVERY_ACTS = frozenset({Act.PROVIDE, Act.INSTALL, Act.INTEGRATE})
"""Acts that happen on delivery."""

ACT_IMPLIES: dict[Act, tuple[Act, ...]] = {
    Act.ACQUIRE: (Act.INSTALL, Act.USE),
    Act.RENEW: (Act.INSTALL, Act.USE),
    Act.USE: (Act.RETAIN,),
}
"""What is bought is installed and used, and what is used is kept, unless it was bought to be passed on."""

PASSING_ON = frozenset({Act.RESELL, Act.PROVIDE})
"""Asked for, these say that what is acquired is not for the buyer's own use."""


class Category(StrEnum):
    """What a product is for."""

    SOFTWARE = "software"
    CYBERSECURITY = "cybersecurity"
    ENDPOINT_SECURITY = "endpoint-security"  # the class of the Italian circulars and of Romania's Law 354/2022
    ANTI_VIRUS = "anti-virus"
    FIREWALL = "firewall"
    WEB_APPLICATION_FIREWALL = "web-application-firewall"  # the same two instruments
    VPN = "vpn"
    SOCIAL_MEDIA_APPLICATION = "social-media-application"
    MESSAGING_APPLICATION = "messaging-application"
    OPERATING_SYSTEM = "operating-system"
    DEVELOPMENT_TOOL = "development-tool"
    AI_MODEL = "ai-model"
    VEHICLE_SOFTWARE = "vehicle-software"  # 15 CFR part 791 subpart D: for connectivity or automated driving
    SERVICE = "service"
    TELECOMMUNICATIONS_SERVICE = "telecommunications-service"
    INTERCONNECTION_SERVICE = "interconnection-service"
    SUBSCRIBER_SERVICE = "subscriber-service"  # s. 889: telephone or internet access, which is not interconnection
    VIDEO_SURVEILLANCE_SERVICE = "video-surveillance-service"
    CLOUD_SERVICE = "cloud-service"
    AI_SERVICE = "ai-service"
    THREAT_INTELLIGENCE = "threat-intelligence"
    SECURITY_TRAINING = "security-training"
    SECURITY_CONSULTING = "security-consulting"
    HARDWARE = "hardware"
    TELECOMMUNICATIONS_EQUIPMENT = "telecommunications-equipment"
    NETWORK_EQUIPMENT = "network-equipment"
    MOBILE_NETWORK_EQUIPMENT = "mobile-network-equipment"
    ROUTER = "router"
    HANDSET = "handset"
    PASSIVE_NETWORK_EQUIPMENT = "passive-network-equipment"
    VIDEO_SURVEILLANCE_EQUIPMENT = "video-surveillance-equipment"
    UAS = "uas"
    SEMICONDUCTOR = "semiconductor"
    VEHICLE = "vehicle"
    VEHICLE_CONNECTIVITY_HARDWARE = "vehicle-connectivity-hardware"  # 15 CFR part 791 subpart D: "VCS hardware"
    COMPUTER = "computer"
    POWER_INVERTER = "power-inverter"
    ROBOT = "robot"


CATEGORY_TREE: dict[Category, tuple[Category, ...]] = {
    Category.SOFTWARE: (
        Category.CYBERSECURITY,
        Category.SOCIAL_MEDIA_APPLICATION,
        Category.MESSAGING_APPLICATION,
        Category.OPERATING_SYSTEM,
        Category.DEVELOPMENT_TOOL,
        Category.AI_MODEL,
        Category.VEHICLE_SOFTWARE,
    ),
    Category.CYBERSECURITY: (Category.ENDPOINT_SECURITY, Category.FIREWALL, Category.VPN),
    Category.ENDPOINT_SECURITY: (Category.ANTI_VIRUS,),
    Category.FIREWALL: (Category.WEB_APPLICATION_FIREWALL,),
    Category.SERVICE: (
        Category.TELECOMMUNICATIONS_SERVICE,
        Category.VIDEO_SURVEILLANCE_SERVICE,
        Category.CLOUD_SERVICE,
        Category.AI_SERVICE,
        Category.THREAT_INTELLIGENCE,
        Category.SECURITY_TRAINING,
        Category.SECURITY_CONSULTING,
    ),
    Category.TELECOMMUNICATIONS_SERVICE: (Category.INTERCONNECTION_SERVICE, Category.SUBSCRIBER_SERVICE),
    Category.HARDWARE: (
        Category.TELECOMMUNICATIONS_EQUIPMENT,
        Category.PASSIVE_NETWORK_EQUIPMENT,
        Category.VIDEO_SURVEILLANCE_EQUIPMENT,
        Category.UAS,
        Category.SEMICONDUCTOR,
        Category.VEHICLE,
        Category.VEHICLE_CONNECTIVITY_HARDWARE,
        Category.COMPUTER,
        Category.POWER_INVERTER,
        Category.ROBOT,
    ),
    Category.TELECOMMUNICATIONS_EQUIPMENT: (
        Category.NETWORK_EQUIPMENT,
        Category.MOBILE_NETWORK_EQUIPMENT,
        Category.ROUTER,
        Category.HANDSET,
    ),
}
"""Each category and those directly below it."""

NAMED_APPLICATIONS = frozenset({Category.SOCIAL_MEDIA_APPLICATION, Category.MESSAGING_APPLICATION})
"""Categories that only an application can have: a library is never TikTok."""


class Position(StrEnum):
    """Where a vendor stands to what is bought: contract partner, maker, part of another's product."""

    SUPPLIER = "supplier"
    PRODUCER = "producer"
    COMPONENT = "component"
    USED_BY_SUPPLIER = "used-by-supplier"


class Purpose(StrEnum):
    """What the product is bought for."""

    PUBLIC_SAFETY = "public-safety"
    GOVERNMENT_FACILITY_SECURITY = "government-facility-security"
    CRITICAL_INFRASTRUCTURE_SURVEILLANCE = "critical-infrastructure-surveillance"
    NATIONAL_SECURITY = "national-security"
    RESEARCH = "research"  # Taiwan's and Czechia's measures on DeepSeek spare it
    SECURITY_TESTING = "security-testing"  # the Czech warning spares it
    OTHER = "other"


class Agreement(StrEnum):
    """What kind of agreement is made, or that none is."""

    NEW = "new"
    RENEWAL = "renewal"
    OPTION = "option"
    EXISTING = "existing"


ACT_OF_AGREEMENT: dict[Agreement, Act] = {
    Agreement.NEW: Act.ACQUIRE,
    Agreement.RENEWAL: Act.RENEW,
    Agreement.OPTION: Act.RENEW,
    Agreement.EXISTING: Act.USE,
}
"""Which act a request that names none asks for."""


class Kind(StrEnum):
    """What an instrument is; it caps what its clauses can do."""

    PROHIBITION = "prohibition"
    WARNING = "warning"
    PROPOSAL = "proposal"
    NOTICE = "notice"


class Effect(StrEnum):
    """What a reason does to the decision, gravest first."""

    DENY = "deny"
    REVIEW = "review"
    WARN = "warn"
    NOTE = "note"


class Provenance(StrEnum):
    """What was read: the official text, or somebody's account of it."""

    OFFICIAL = "official"
    SECONDARY = "secondary"


class Reach(StrEnum):
    """To which relatives of a named vendor an instrument extends."""

    PARENTS = "parents"
    SUBSIDIARIES = "subsidiaries"
    AFFILIATES = "affiliates"
    SUCCESSORS = "successors"


class Ownership(StrEnum):
    """How a vendor belongs to another; a brand is the other's own name and always reached."""

    SUBSIDIARY = "subsidiary"
    AFFILIATE = "affiliate"
    SUCCESSOR = "successor"
    BRAND = "brand"
