"""Small words that carry no content of their own, and the lists of words to pass over that are made from them."""

__all__ = ["AUXILIARIES", "FUNCTION_WORDS", "LOWERED_IN_TITLES", "PRONOUNS", "QUESTION_STOP_WORDS", "QUESTION_WORDS"]

_SMALL = frozenset(
    """
    a about according after also an and as at before between both but by during for from had has have he her here
    his how if in into is it its my no nor not of on one or our over she so such than that the their then there
    these they this those through to under until we what when where whether which while who whose why with within
    without you your
    """.split()
)
"""In every list below."""

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
    | _SMALL
    | frozenset(
        """
    above across against al along although amid among and/or around because behind below beside besides d despite
    down due e.g. eg either else et etc furthermore hence however i.e. ie indeed just let lets like ll m meanwhile
    moreover namely near neither o off oh onto out own per re respectively s since t therefore though thus till too
    toward towards up upon ve via vs well whatever whenever whereas wherever whichever whoever yes yet
    """.split()
    )
)
"""Words that need no quote. Unlike the stop words of questions, they keep every word that the gate compares."""

QUESTION_STOP_WORDS = _SMALL | frozenset(
    """
    's again all am any anybody anyone anything anyway are article articles ask asked be became become been being
    can cannot could d did didnt do document documents does doesnt doing don dont each either else ever every far
    get gets give given gives go going got happen happened happens having hers high him i instead isnt itself just
    kind let like ll long m made make makes many may me mean meaning means meant mention mentioned mentions might more
    most much must name
    named names now off often old only other out own passage per please re really regarding s said same say saying
    says shall should some sort still t take taken takes tell text them thing things thus too took type up upon us
    use used using ve very via was were whatever whats whoever whom whos will would yes ’s
    """.split()
)
"""Words that say nothing about what a question is about: also those that frame it (`which article mentions ...`)."""

LOWERED_IN_TITLES = _SMALL | frozenset(
    """
    all although among another any because despite each even every few however instead last many meanwhile more most
    much neither none now once only other several since some though throughout today two
    """.split()
)
"""Words on which a capital is only that of a sentence or a title, such as `Several`."""

QUESTION_WORDS = frozenset("what when where which who whom whose why how does did do say said tell many much".split())
"""Words that ask, and the verbs that go with them."""
