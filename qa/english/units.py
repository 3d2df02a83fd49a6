"""Units and currencies: the forms that name one, for comparing values, and patterns for finding them in a text."""

__all__ = ["CURRENCY_PATTERN", "CURRENCY_SIGNS", "DOLLARS", "UNIT_OF", "UNIT_PATTERNS"]

CURRENCY_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_FORMS = {
    "dollar": "dollar usd us$ buck",
    "euro": "euro eur",
    "pound": "pound gbp",
    "yen": "yen jpy",
    "cent": "cent",
    "percent": "percent % percentage pct",
    "km": "km kilometre kilometer",
    "m": "metre meter",
    "cm": "cm centimetre centimeter",
    "mm": "mm millimetre millimeter",
    "mile": "mile mi",
    "foot": "foot feet ft",
    "inch": "inch inches",
    "kg": "kg kilogram kilogramme kilo",
    "g": "gram gramme",
    "mg": "mg milligram",
    "ug": "μg mcg microgram",
    "mph": "mph",
    "pm": "pm",
    "am": "am",
    "ton": "ton tonne",
    "second": "second sec",
    "minute": "minute min",
    "hour": "hour hr h",
    "day": "day",
    "week": "week",
    "month": "month",
    "year": "year yr",
    "decade": "decade",
    "century": "century centuries",
}
UNIT_OF = {form: unit for unit, forms in _FORMS.items() for form in forms.split()}
UNIT_OF |= {form + "s": unit for form, unit in list(UNIT_OF.items()) if form.isalpha()}
"""A lower-case form -> its unit. `m` is a metre."""

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
"""Regular expressions for the units of a kind of answer; more of them than in `UNIT_OF`."""

CURRENCY_PATTERN = (
    r"(?:dollars?|euros?|pounds?(?: sterling)?|pence|cents?|bucks?|francs?|yen|yuan|rupees?|rou?bles?|crowns?|"
    r"shillings?|sovereigns?|USD|EUR|GBP)"
)
