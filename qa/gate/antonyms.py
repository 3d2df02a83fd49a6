"""Opposites. Data only: on every line, a word of the left side means the contrary of a word of the right side."""

__all__ = ["NOT_PREFIXED", "OPPOSITES"]

OPPOSITES = """
win | lose defeat
accept agree approve | reject refuse decline turn_down deny resist
allow permit let | forbid prohibit ban bar prevent block
include cover | exclude omit
increase rise grow raise go_up climb jump surge expand | decrease fall drop decline reduce shrink cut lower go_down
high higher highest | low lower lowest
large larger largest big bigger biggest great | small smaller smallest little
more | less fewer
most | least fewest
much many | few little
begin start open launch | end stop finish close cease
first | last
early earlier earliest | late later latest
before | after
above over | below under
inside within | outside
up | down
buy purchase | sell
give | take
send | receive
enter join arrive | leave exit depart
succeed pass achieve | fail
support back favor endorse | oppose
confirm admit acknowledge | deny dispute
true correct right accurate | false wrong incorrect
good better best positive | bad worse worst negative
strong stronger | weak weaker
rich | poor
new young newer | old older
easy simple | hard difficult
hot warm | cold cool
fast quick quickly rapidly | slow slowly
long longer | short shorter
same identical | different
present | absent
remember | forget
love like | hate dislike
friend ally | enemy
peace | war
public | private secret
legal lawful | illegal unlawful
guilty | innocent
alive live | dead die kill
safe | dangerous
full | empty
gain profit | loss
asset | liability
import | export
create build construct | destroy demolish
save | waste
add | remove subtract
keep retain | lose discard
continue | stop end halt
strengthen | weaken
improve | worsen deteriorate
attack | defend
offensive | defensive
active | passive inactive
domestic | foreign
male | female
man | woman
maximum max | minimum min
majority | minority
always | never
possible | impossible
common | rare
popular | unpopular
hire employ | fire dismiss sack
find discover | lose miss
know | ignore
trust | doubt distrust
hope | fear
attract | repel
push | pull
arrest detain | release free
appear emerge | disappear vanish
visible | hidden
permanent | temporary
simple | complex
ancient | modern
natural | artificial
voluntary | compulsory mandatory
optional | mandatory required
cheap | expensive
heavy | light
wide | narrow
deep | shallow
near close | far distant
north northern | south southern
east eastern | west western
left | right
"""

# Words that only look as if they had a prefix of negation.
NOT_PREFIXED = frozenset(
    """discover income inform inside display import improve indeed input install until unless intend include invest
    involve increase understand unite united discuss disease direct instance indicate interest distance immense impact
    immune union unit under university uniform unique indian india image imagine discount dispatch display dispute
    distribute district indoor inland insight incline inflame inhabit irish iron invent invite intense internal noncom
    disclose discharge disorder discipline implant imprint impress impose impart""".split()
)
