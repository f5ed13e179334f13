"""In which capacities a buyer acts: the closed list of roles, and which of them imply others.

A role that no instrument needs does not belong here; a new one names the instrument that needs it.
"""

from enum import StrEnum


class Role(StrEnum):
    """In which capacity the buyer acts; `binds` of a clause names these."""

    ANYONE = "anyone"  # in `binds` only: every buyer, whatever the role
    US_PERSON = "us-person"
    US_FEDERAL_AGENCY = "us-federal-agency"
    US_DOD = "us-dod"
    US_INTELLIGENCE_COMMUNITY = "us-intelligence-community"
    US_FEDERAL_CONTRACTOR = "us-federal-contractor"  # in performing a federal contract, at any tier
    US_DOD_CONTRACTOR = "us-dod-contractor"
    US_GRANT_RECIPIENT = "us-grant-recipient"
    US_FCC_SUBSIDY_RECIPIENT = "us-fcc-subsidy-recipient"  # spending that subsidy
    US_FCC_APPLICANT = "us-fcc-applicant"
    US_FEDERAL_OFFEROR = "us-federal-offeror"  # s. 889(a)(1)(B): bids for or holds a federal contract, whatever it uses
    US_APP_STORE_OR_HOST = "us-app-store-or-host"  # PAFACA: runs an app store or hosts applications
    US_VEHICLE_MANUFACTURER = "us-vehicle-manufacturer"  # 15 CFR part 791 subpart D: makes or imports vehicles
    US_VCS_HARDWARE_IMPORTER = "us-vcs-hardware-importer"  # the same rule: imports their connectivity hardware
    AU_COMMONWEALTH_ENTITY = "au-commonwealth-entity"
    AU_SA_GOVERNMENT_AGENCY = "au-sa-government-agency"  # South Australia's SACSF Ruling 4 (DeepSeek)
    CA_PERSON = "ca-person"  # whom the wind-up orders of 2024 and 2025 concern: anyone in Canada
    CA_GOVERNMENT = "ca-government"
    CA_CROWN_CORPORATION = "ca-crown-corporation"  # the announcement of 27 June 2025 on Hikvision
    CA_TELECOM_PROVIDER = "ca-telecom-provider"  # the statement of 19 May 2022 on Huawei and ZTE
    CA_QUEBEC_PUBLIC_BODY = "ca-quebec-public-body"  # Quebec's order of December 2023; municipalities are none
    CZ_CRITICAL_INFRASTRUCTURE = "cz-critical-infrastructure"  # the NUKIB warnings: also important systems and services
    CZ_STATE_ADMINISTRATION = "cz-state-administration"  # the Czech government's decision on DeepSeek
    DE_PERSON = "de-person"  # whom the BSI warns: anyone in Germany (BSIG s. 7)
    DE_FEDERAL_AUTHORITY = "de-federal-authority"
    DE_MOBILE_OPERATOR = "de-mobile-operator"  # the contracts of 2024: Deutsche Telekom, Vodafone, Telefónica
    EU_COMMISSION = "eu-commission"  # its own suspension of TikTok
    EU_PARLIAMENT = "eu-parliament"  # the same
    EU_MOBILE_OPERATOR = "eu-mobile-operator"  # the proposal of 2026 for a second Cybersecurity Act
    IN_PERSON = "in-person"  # India's Compulsory Registration Order: anyone who sells or buys there
    IN_GOVERNMENT = "in-government"  # India's Public Procurement Order
    IT_PERSON = "it-person"  # whose data the Garante's order on DeepSeek is about: anyone in Italy
    IT_PUBLIC_ADMINISTRATION = "it-public-administration"
    JP_GOVERNMENT = "jp-government"  # the inter-ministry agreement of 2018: one of 23 entities
    KR_GOVERNMENT = "kr-government"  # the Interior Ministry's advice of February 2025
    KR_FIRST_BLOCKING_MINISTRY = "kr-first-blocking-ministry"  # foreign affairs, defence, trade: from 5 February 2025
    KR_NEXT_BLOCKING_AGENCY = "kr-next-blocking-agency"  # police, science and ICT: from 6 February 2025
    NL_CENTRAL_GOVERNMENT = "nl-central-government"
    LT_CRITICAL_INFRASTRUCTURE = "lt-critical-infrastructure"
    PL_CYBERSECURITY_ENTITY = "pl-cybersecurity-entity"  # bound by Poland's act on the national cybersecurity system
    RO_PUBLIC_AUTHORITY = "ro-public-authority"
    TW_GOVERNMENT = "tw-government"  # Taiwan's DeepSeek ban: agencies, public schools, state enterprises and more
    TW_RESEARCH_INSTITUTION = "tw-research-institution"  # the same, for which it makes an exception
    UK_GOVERNMENT_DEPARTMENT = "uk-government-department"  # HCWS386, the NCSC's letter, the TikTok statement
    UK_PUBLIC_COMMUNICATIONS_PROVIDER = "uk-public-communications-provider"  # one of the 35 with a direction on Huawei


ROLE_IMPLIES: dict[Role, tuple[Role, ...]] = {
    Role.US_DOD: (Role.US_FEDERAL_AGENCY,),
    Role.US_INTELLIGENCE_COMMUNITY: (Role.US_FEDERAL_AGENCY,),
    Role.US_DOD_CONTRACTOR: (Role.US_FEDERAL_CONTRACTOR,),
    Role.CA_GOVERNMENT: (Role.CA_PERSON,),
    Role.CA_CROWN_CORPORATION: (Role.CA_PERSON,),
    Role.CA_TELECOM_PROVIDER: (Role.CA_PERSON,),
    Role.CA_QUEBEC_PUBLIC_BODY: (Role.CA_PERSON,),
    Role.DE_FEDERAL_AUTHORITY: (Role.DE_PERSON,),
    Role.DE_MOBILE_OPERATOR: (Role.DE_PERSON, Role.EU_MOBILE_OPERATOR),
    Role.IN_GOVERNMENT: (Role.IN_PERSON,),
    Role.IT_PUBLIC_ADMINISTRATION: (Role.IT_PERSON,),
    Role.KR_FIRST_BLOCKING_MINISTRY: (Role.KR_GOVERNMENT,),
    Role.KR_NEXT_BLOCKING_AGENCY: (Role.KR_GOVERNMENT,),
}
