"""Word lists of the strict matcher: which words may not be left out, and which change their meaning with a capital."""

__all__ = [
    "ABBREVIATIONS",
    "ACRONYMS",
    "ARTICLES",
    "BINDING",
    "BLOCKED",
    "CAPITONYMS",
    "ENGLISH",
    "FUNCTION_WORDS",
    "JOINING",
    "NAMES",
    "NOT_ADVERBS",
    "POINTING",
    "PREPOSITIONS",
    "SWEEPING",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A gap that holds one of these is not harmless: negation, modality, condition, contrast, limit, attribution, intention.
BLOCKED = _words(
    """
    not no never neither nor none nobody nothing nowhere cannot without hardly barely scarcely seldom rarely little
    few fewer less least nil zero lack lacks lacked lacking may might could can would should must shall will ought
    able unable likely unlikely possible impossible potential perhaps maybe probable apparent alleged supposed
    suspected purported so-called would-be potentially seem seems seemed appear appears appeared if unless until
    till when whenever whether provided providing assuming only once except excluding excludes barring depending
    case condition conditions conditional otherwise but however although though yet while whereas despite instead
    rather nevertheless nonetheless still because since unlike contrary versus against all every each any some most
    many several half nearly almost about around approximately roughly up over under more mainly partly just merely
    said say says saying told tell tells according claim claims claimed claiming argue argues argued believe
    believes believed think thinks thought report reports reported reportedly allege alleges suggest suggests
    suggested warn warns warned insist insists insisted state states stated add adds added announce announces
    announced ask asks asked asking wonder wonders deny denies denied denying refuse refuses refused refusing reject
    rejects rejected decline declines declined fail fails failed failing failure stop stops stopped avoid avoids
    avoided prevent prevents prevented prohibit prohibits prohibited forbid forbids forbidden ban bans banned cease
    ceased oppose opposes opposed doubt doubts doubted pretend pretended false fake plan plans planned planning want
    wants wanted hope hopes hoped intend intends intended expect expects expected propose proposes proposed threaten
    threatens threatened try tries tried attempt attempts attempted consider considers considered promise promises
    promised urge urges urged call calls called demand demands demanded vow vows vowed pledge pledges pledged seek
    seeks sought agree agrees agreed former ex deputy vice assistant acting opinion view rumor rumour rumors rumours
    theory hypothetical example mistake mistaken wrong untrue myth hoax too even also before after prior
    """
)

PREPOSITIONS = _words(
    """
    in on at by from with of for to into onto through throughout across within near inside outside during along
    among between behind beside beyond above below towards toward via amid
    """
)

# A gap that ends in one of these, or in a preposition, leaves the words after it hanging.
BINDING = _words(
    """
    and or than as that which who whom whose where how what why be been being is are was were am has have had having
    do does did get gets got let lets make makes made
    """
)

# A phrase that holds one of these may hold a second clause.
JOINING = _words(
    """
    and or than as that which who whom whose where how what why so then is are was were has have had does did do be
    been
    """
)

ARTICLES = _words(
    """
    the a an this that these those its their his her our my your very
    """
)

# Words of all or none: a sentence with one says more when a restriction is left out.
SWEEPING = _words(
    """
    not no never neither nor none nobody nothing cannot without hardly barely few less all every each any only most
    unable fewer
    """
)

# Words whose meaning stands in the sentence before.
POINTING = _words(
    """
    he she it they him her them his hers its their theirs this that these those such both former latter there then
    here so
    """
)

# Frequent words that tell English from its neighbours.
ENGLISH = _words(
    """
    the of and to is are with for by from which their his has have were been this that on at as
    """
)

# Blocked words that are harmless with a capital.
NAMES = _words("States State Call Claims Case")

# Words in -ly that are not adverbs.
NOT_ADVERBS = _words(
    """
    family italy july supply apply reply ally early daily weekly monthly yearly fly rely assembly anomaly butterfly
    jelly belly bully rally monopoly multiply holy
    """
)

# Their full stop ends no sentence.
ABBREVIATIONS = _words(
    """
    mr mrs ms dr st gen sen rep gov lt col capt sgt prof jr sr no vs inc corp co ltd e.g i.e etc fig al dept approx
    jan feb mar apr jun jul aug sep sept oct nov dec
    """
)

# Words that are another word with a capital. Common ones; a text that uses a word both ways shows others.
CAPITONYMS = _words(
    """
    aids amazon apple april august baker bath bill black bond brown bush cancer catholic chad champagne chase china
    christian church communist congress conservative constitution cook crown cuba czech democrat democratic earth
    east emerald faith field fisher ford fox frank gap gore grace grant green greens guinea hill hope house hunter
    independent internet iris jack jersey job jordan joy june king labor labour lance left lent liberal lima march
    mark mars mass may mercury meta might miller moon moor nice norman north oracle orange orthodox parliament
    patience pentagon pole polish pound powers prince python queen reading reform republican rice rich right rob rod
    rose ruby rush sandy scotch senate shell sierra sky smith snow social south square star stars state states stone
    sue summit sun supreme swede target temple tours treasury trump turkey union victor violet walker wall war
    washington web welsh west white will win windows wood worth yard young
    """
)

# Words that are an abbreviation in capitals.
ACRONYMS = _words(
    """
    us it who aids am pm or in ace act art cat dare fast gas ice led map mad nato pin ram rip sad start swat team
    tip un usa was wasp
    """
)

# A capital on one of these is only that of a sentence or a title.
FUNCTION_WORDS = _words(
    """
    a about according after all also although among an and another any as at because before between both but by
    despite during each even every few for from had has have he her here his how however if in instead into is it
    its last many meanwhile more most much my neither no none nor not now of on once one only or other our over
    several she since so some such than that the their then there these they this those though through throughout to
    today two under until we what when where whether which while who whose why with within without you your
    """
)
