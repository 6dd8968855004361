"""The airports that the rules know, by IATA code: add yours in the order of the alphabet.

Places are the reference points of the airports, in degrees with four decimals (some ten meters).
"""

from collections.abc import Mapping
from types import MappingProxyType

from great_circle.sphere import Place

AIRPORTS: Mapping[str, Place] = MappingProxyType(
    {
        "AKL": Place(-37.0081, 174.7920),  # Auckland
        "AMS": Place(52.3086, 4.7639),  # Amsterdam
        "ANC": Place(61.1741, -149.9981),  # Anchorage
        "ARN": Place(59.6519, 17.9186),  # Stockholm
        "ATH": Place(37.9364, 23.9445),  # Athens
        "ATL": Place(33.6367, -84.4279),  # Atlanta
        "AUH": Place(24.4330, 54.6511),  # Abu Dhabi
        "BCN": Place(41.2971, 2.0785),  # Barcelona
        "BER": Place(52.3622, 13.5007),  # Berlin
        "BKK": Place(13.6811, 100.7470),  # Bangkok
        "BOG": Place(4.7016, -74.1469),  # Bogotá
        "BOM": Place(19.0887, 72.8679),  # Mumbai
        "BOS": Place(42.3629, -71.0064),  # Boston
        "BRU": Place(50.9014, 4.4844),  # Brussels
        "CAI": Place(30.1219, 31.4056),  # Cairo
        "CDG": Place(49.0128, 2.5500),  # Paris
        "CPH": Place(55.6179, 12.6560),  # Copenhagen
        "CPT": Place(-33.9648, 18.6017),  # Cape Town
        "DEL": Place(28.5665, 77.1031),  # Delhi
        "DEN": Place(39.8617, -104.6732),  # Denver
        "DFW": Place(32.8972, -97.0377),  # Dallas
        "DOH": Place(25.2606, 51.6138),  # Doha
        "DUB": Place(53.4213, -6.2701),  # Dublin
        "DUS": Place(51.2895, 6.7668),  # Düsseldorf
        "DXB": Place(25.2528, 55.3644),  # Dubai
        "EWR": Place(40.6925, -74.1687),  # Newark
        "EZE": Place(-34.8222, -58.5358),  # Buenos Aires
        "FCO": Place(41.8003, 12.2389),  # Rome
        "FRA": Place(50.0333, 8.5706),  # Frankfurt
        "GRU": Place(-23.4356, -46.4731),  # São Paulo
        "HAM": Place(53.6304, 9.9882),  # Hamburg
        "HEL": Place(60.3172, 24.9633),  # Helsinki
        "HKG": Place(22.3089, 113.9150),  # Hong Kong
        "HND": Place(35.5523, 139.7800),  # Tokyo Haneda
        "HNL": Place(21.3178, -157.9203),  # Honolulu
        "IAH": Place(29.9844, -95.3414),  # Houston
        "ICN": Place(37.4691, 126.4510),  # Seoul
        "IST": Place(41.2753, 28.7520),  # Istanbul
        "JFK": Place(40.6399, -73.7787),  # New York
        "JNB": Place(-26.1337, 28.2423),  # Johannesburg
        "KEF": Place(63.9850, -22.6056),  # Reykjavík
        "LAX": Place(33.9425, -118.4080),  # Los Angeles
        "LHR": Place(51.4706, -0.4619),  # London
        "LIM": Place(-12.0219, -77.1143),  # Lima
        "LIS": Place(38.7742, -9.1342),  # Lisbon
        "MAD": Place(40.4936, -3.5668),  # Madrid
        "MEL": Place(-37.6733, 144.8430),  # Melbourne
        "MEX": Place(19.4363, -99.0721),  # Mexico City
        "MIA": Place(25.7954, -80.2901),  # Miami
        "MUC": Place(48.3538, 11.7861),  # Munich
        "MXP": Place(45.6306, 8.7281),  # Milan
        "NBO": Place(-1.3192, 36.9278),  # Nairobi
        "NRT": Place(35.7647, 140.3860),  # Tokyo Narita
        "ORD": Place(41.9769, -87.9082),  # Chicago
        "OSL": Place(60.1939, 11.1004),  # Oslo
        "PEK": Place(40.0801, 116.5850),  # Beijing
        "SCL": Place(-33.3930, -70.7858),  # Santiago
        "SEA": Place(47.4499, -122.3118),  # Seattle
        "SFO": Place(37.6188, -122.3754),  # San Francisco
        "SIN": Place(1.3502, 103.9940),  # Singapore
        "SYD": Place(-33.9461, 151.1770),  # Sydney
        "VIE": Place(48.1103, 16.5697),  # Vienna
        "YYZ": Place(43.6772, -79.6306),  # Toronto
        "ZRH": Place(47.4647, 8.5492),  # Zürich
    }
)
