"""Small closed word classes of English: function words, and the operators that decide what a sentence claims."""

__all__ = [
    "AUXILIARIES",
    "BEFORE_NUMBERS",
    "CALENDAR",
    "CONTENT_CLASSES",
    "FUNCTION_WORDS",
    "GENERIC_NOUNS",
    "LIGHT_WORDS",
    "MODAL",
    "MONTHS",
    "MONTH_NAMES",
    "NEGATING_BEFORE_TO",
    "NEGATING_VERBS",
    "OPERATORS",
    "PRONOUNS",
    "SAME",
    "SHORT_NEGATIONS",
    "TIME_UNITS",
    "UNREAL",
]

PRONOUNS = frozenset(
    """i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves who whom whose which that this these those one ones
    someone somebody something""".split()
)

AUXILIARIES = frozenset(
    "be am is are was were been being have has had having do does did done doing will would shall may might can could "
    "must should ought".split()
)

FUNCTION_WORDS = (
    PRONOUNS
    | AUXILIARIES
    | frozenset(
        """a an the and or but nor so yet of to in on at by for from with into onto upon about as than that then there
        here where when while whereas whether if because since though although however therefore thus hence such like
        via per et al etc ie eg vs not no s t d ll m re ve also too both either neither own o well let lets just
        within across through along against among amid between toward towards under over above below up down out off
        around near behind beside besides despite during before after until till without due respectively moreover
        furthermore meanwhile indeed namely what how why whatever whichever whoever whenever wherever else oh yes
        e.g. i.e. and/or according""".split()
    )
)

# Words that add nothing to check: the frame of an answer.
LIGHT_WORDS = frozenset(
    """say state tell mention note indicate describe explain report add remark accord question answer thing fact kind
    type way include do have be get make thank example instance new newly occur happen take place matter ask speak
    statement lead number same very record total attend find another show member basis level become remain involve
    come go bring put set turn serve act refer relate concern consist contain comprise exist stand lie deal apply mean
    amount equal hold see regard use area part point side role case event situation reason result purpose process name
    word term title topic subject detail item series form person people individual figure value date moment manner
    means various different particular overall general specific such call know entitle respective actual article study
    author text document source give receive become belong own able start play produce work feature so-called
    """.split()
)

# Nouns by which a question may refer to anything: `the company` for a name, `the device` for a pump.
GENERIC_NOUNS = frozenset(
    """company firm organisation organization institution group team body agency party side man woman child user
    customer client reader author owner member official country nation state city town region place site location
    building device product machine equipment tool system model version vehicle weapon
    agreement contract deal law rule plan programme program project scheme policy report paper book letter message
    event incident meeting process procedure method idea problem issue question service offer price cost money
    sum amount rate time day year month week hour period date""".split()
)

MONTH_NAMES = "January February March April May June July August September October November December".split()

MONTHS = frozenset(
    """january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep sept oct nov dec""".split()
)

CALENDAR = MONTHS | frozenset("monday tuesday wednesday thursday friday saturday sunday today tonight".split())

TIME_UNITS = frozenset(
    """second minute hour day week month quarter year decade century morning afternoon evening night summer winter
    spring autumn fall time term season weekend""".split()
)

# The class of what an operator does to the words after it. Longest phrase first when matched.
OPERATORS: dict[str, str] = {
    **dict.fromkeys("not no never neither nor none nobody nothing nowhere non hardly scarcely".split(), "NOT"),
    **dict.fromkeys(["no one", "unable", "yet to"], "NOT"),
    **dict.fromkeys(
        ["without", "instead of", "rather than", "except", "far from", "lack", "lacks", "lacked", "lacking"], "WITHOUT"
    ),
    **dict.fromkeys("may might possibly perhaps maybe potentially possible potential conceivably".split(), "MAY"),
    **dict.fromkeys(["can", "able", "capable", "ability", "capability", "capacity", "available to"], "CAN"),
    "could": "COULD",
    **dict.fromkeys(["will", "shall", "going to"], "WILL"),
    "would": "WOULD",
    **dict.fromkeys(
        [
            "must",
            "should",
            "ought",
            "need to",
            "needs to",
            "needed to",
            "obliged to",
            "obligated to",
            "has to",
            "have to",
            "had to",
            "required to",
            "supposed to",
        ],
        "MUST",
    ),
    **dict.fromkeys(
        """likely probably probable presumably expected expect expects anticipate anticipated anticipates projected
        forecast""".split(),
        "LIKELY",
    ),
    **dict.fromkeys(
        [*"seem seems seemed appear appears appeared apparently seemingly".split(), "suggest", "suggests", "suggested"],
        "SEEM",
    ),
    **dict.fromkeys(
        """plan plans planned planning intend intends intended intending want wants wanted hope hopes hoped hoping aim
        aims aimed seek seeks seeking sought propose proposes proposed proposing promise promises promised pledge
        pledges pledged vow vows vowed threaten threatens threatened offer offers offered consider considers
        considered considering weigh weighs weighed weighing mull mulls mulling discuss discusses discussed discussing
        try tries tried trying attempt attempts attempted attempting prepare prepares prepared preparing willing ready
        urge urges urged request requests requested requesting wish wishes wished demand demands demanded""".split(),
        "INTEND",
    ),
    **dict.fromkeys(["asked about", "asks about", "asked whether", "asked if", "whether", "asking about"], "ASK"),
    **dict.fromkeys(
        ["all", "every", "each", "everyone", "everybody", "everything", "always", "whole", "entire"], "ALL"
    ),
    **dict.fromkeys(["any", "anyone", "anybody", "anything"], "ANY"),
    **dict.fromkeys(["some", "several", "certain", "sometimes", "some of"], "SOME"),
    **dict.fromkeys(["many", "numerous", "much", "lots", "plenty", "often", "frequently"], "MANY"),
    **dict.fromkeys(["most", "majority", "mostly", "largely", "mainly", "primarily", "chiefly", "principally"], "MOST"),
    **dict.fromkeys(["few", "little", "rarely", "seldom", "minority"], "FEW"),
    **dict.fromkeys(["only", "solely", "merely", "exclusively", "alone"], "ONLY"),
    **dict.fromkeys(["almost", "nearly", "virtually"], "ALMOST"),
    **dict.fromkeys(["at least", "or more", "no less than", "no fewer than", "a minimum of"], "ATLEAST"),
    **dict.fromkeys(
        ["at most", "up to", "or less", "or fewer", "no more than", "not more than", "as many as", "as much as"],
        "ATMOST",
    ),
    **dict.fromkeys(["more than", "greater than", "higher than", "in excess of", "exceeding"], "MORETHAN"),
    **dict.fromkeys(["less than", "fewer than", "lower than", "smaller than"], "LESSTHAN"),
    **dict.fromkeys(["more", "greater", "increasingly", "additional", "extra", "further"], "MORE"),
    **dict.fromkeys(["less", "fewer"], "LESS"),
    "least": "LEAST",
    **dict.fromkeys(["half"], "HALF"),
    **dict.fromkeys(["before", "prior", "previously", "earlier", "beforehand", "ahead of", "preceding"], "BEFORE"),
    **dict.fromkeys(["after", "following", "subsequently", "later", "afterwards", "afterward", "upon"], "AFTER"),
    **dict.fromkeys(["during", "throughout", "amid"], "DURING"),
    **dict.fromkeys(["until", "till"], "UNTIL"),
    **dict.fromkeys(["still"], "STILL"),
    **dict.fromkeys(["already"], "ALREADY"),
    **dict.fromkeys(["if", "provided that", "as long as", "so long as", "in case", "assuming", "on condition"], "IF"),
    **dict.fromkeys(["only if", "only when"], "IF"),
    "unless": "UNLESS",
    **dict.fromkeys(["require", "requires", "required", "oblige", "obliges", "obliged"], "MUST"),
    **dict.fromkeys(["no longer"], "NOT"),
    **dict.fromkeys(["maximum possible", "best possible", "as possible"], "IGNORED"),
    **dict.fromkeys(
        ["not only", "not the only", "not just", "no matter", "nothing but", "whether or not", "if not"], "IGNORED"
    ),
    **dict.fromkeys(["approximately", "approx", "roughly", "circa"], "APPROX"),
    "since": "SINCE",
    **dict.fromkeys(["because", "due", "owing", "thanks", "as"], "BECAUSE"),
    "above": "ABOVE",
    **dict.fromkeys(["below", "beneath"], "BELOW"),
}
# What these mean in front of a number.
BEFORE_NUMBERS = {
    "about": "APPROX",
    "around": "APPROX",
    "some": "APPROX",
    "another": "MORE",
    "just": "ONLY",
    "over": "MORETHAN",
    "above": "MORETHAN",
}
BEFORE_NUMBERS |= {"under": "LESSTHAN", "below": "LESSTHAN"}

# Operators that are words to be covered as well.
CONTENT_CLASSES = frozenset(["INTEND"])

# Which operators of the other side say the same.
SAME: dict[str, frozenset[str]] = {
    "MAY": frozenset(["MAY", "COULD"]),
    "COULD": frozenset(["COULD", "CAN", "MAY", "WOULD"]),
    "CAN": frozenset(["CAN", "COULD"]),
    "WILL": frozenset(["WILL", "WOULD"]),
    "WOULD": frozenset(["WOULD", "WILL", "COULD"]),
    "INTEND": frozenset(["INTEND", "WOULD", "MAY", "COULD", "LIKELY"]),
    "ASK": frozenset(["ASK", "INTEND"]),
    "SEEM": frozenset(["SEEM", "MAY", "COULD", "LIKELY"]),
    "ALL": frozenset(["ALL", "ANY"]),
    "ANY": frozenset(["ANY", "ALL"]),
    "ALREADY": frozenset(["ALREADY", "BEFORE"]),
    "APPROX": frozenset(["APPROX", "ALMOST", "SOME"]),
    "WITHOUT": frozenset(["WITHOUT", "NOT"]),
    "SINCE": frozenset(["SINCE", "BECAUSE"]),
    "SOME": frozenset(["SOME", "MANY"]),
}

MODAL = frozenset(["MAY", "CAN", "COULD", "WILL", "WOULD", "MUST", "LIKELY", "SEEM"])
UNREAL = MODAL | {"INTEND", "ASK"}
SHORT_NEGATIONS = frozenset(["no", "non"])  # they deny the words of their phrase alone

# Verbs that say of what follows that it did not happen. They are words to be covered, too.
NEGATING_VERBS = frozenset("deny rule_out reject exclude forbid prohibit ban omit".split())
NEGATING_BEFORE_TO = frozenset("fail refuse decline".split())
