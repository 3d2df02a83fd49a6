"""Units and currencies: the forms that name one, for comparing values, and patterns for finding them in a text."""

from decimal import Decimal

__all__ = ["CURRENCY_PATTERN", "CURRENCY_SIGNS", "DOLLARS", "UNITS", "UNIT_PATTERNS"]

CURRENCY_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_FORMS = {
    "second": "1 second sec; 60 minute min; 3600 hour hr h; 86400 day; 604800 week wk; 1209600 fortnight",
    "month": "1 month; 3 quarter; 12 year yr; 120 decade; 1200 century centuries",
    "dollar": "1 dollar usd us$ buck; 0.01 cent",
    "euro": "1 euro eur",
    "pound": "1 pound gbp sterling; 0.01 pence penny p",
    "yen": "1 yen jpy",
    "percent": "1 percent % percentage pct",
    "mm": "1 mm millimetre millimeter; 10 cm centimetre centimeter; 1000 m metre meter; 1000000 km kilometre kilometer",
    "inch": "1 inch inches; 12 foot feet ft; 36 yard yd; 63360 mile mi",
    "ug": "1 ug µg μg mcg microgram; 1000 mg milligram; 1000000 g gram gramme; 1000000000 kg kilogram kilogramme kilo; "
    "1000000000000 ton tonne",
    "ml": "1 ml millilitre milliliter; 10 cl; 1000 l litre liter",
    "byte": "1 byte; 1000 kb kilobyte; 1000000 mb megabyte; 1000000000 gb gigabyte; 1000000000000 tb terabyte",
    "watt": "1 watt; 1000 kw kilowatt; 1000000 mw megawatt",
    "celsius": "1 °c celsius",
    "fahrenheit": "1 °f fahrenheit",
    "mph": "1 mph",
    "kmh": "1 km/h kmh kph",
    "square metre": "1 m^2 m² sqm; 10000 hectare ha; 1000000 km^2",
    "cubic metre": "1 m^3",
}
UNITS: dict[str, tuple[str, Decimal]] = {}
"""A lower-case form -> what it measures, and how many of the smallest unit it is. `m` is a metre."""
for _measure, _sizes in _FORMS.items():
    for _size in _sizes.split("; "):
        _factor, *_names = _size.split()
        UNITS |= {form: (_measure, Decimal(_factor)) for form in _names}
        UNITS |= {form + "s": (_measure, Decimal(_factor)) for form in _names if form.isalpha() and len(form) > 1}

DOLLARS = {"us": "dollar us", "a": "dollar au", "au": "dollar au", "c": "dollar ca", "ca": "dollar ca"}
DOLLARS |= {"nz": "dollar nz", "hk": "dollar hk", "s": "dollar s"}
"""The letters before a dollar sign -> whose dollar it is."""

UNIT_PATTERNS = {
    "duration": (
        "seconds?|minutes?|mins?|hours?|days?|weeks?|months?|quarters?|years?|decades?|centur(?:y|ies)|nights?|terms?"
    ),
    "length": (
        "mm|cm|m|km|(?:centi|milli|kilo)?met(?:re|er)s?|miles?|feet|foot|ft|inch(?:es)?|yards?|hectares?|acres?|floors?"
    ),
    "weight": "kg|kilos?|kilograms?|grams?|g|tons?|tonnes?|pounds?|lbs?|ounces?|mg",
    "speed": (
        "mph|km/h|kmh|knots?|mach|(?:miles|kilomet(?:re|er)s|met(?:re|er)s|lit(?:re|er)s) (?:per|"
        "an?) (?:hour|second|minute)"
    ),
    "heat": "degrees?|° ?[CF]?|celsius|fahrenheit|kelvin",
    "power": "(?:kilo|mega)?watts?|kW|W|MW|horsepower|hp|volts?|V|amps?",
    "volume": "lit(?:re|er)s?|l|gallons?|ml|cubic",
    "data": "bytes?|[kmgt]b|tokens?|words?|characters?|[kmg]?bits?|pages?",
}
"""Regular expressions for the units of a kind of answer; more of them than in `UNITS`."""

CURRENCY_PATTERN = (
    r"(?:dollars?|euros?|pounds?(?: sterling)?|pence|cents?|bucks?|francs?|yen|yuan|rupees?|rou?bles?|crowns?|"
    r"shillings?|sovereigns?|USD|EUR|GBP)"
)
