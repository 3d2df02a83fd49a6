"""Words of one meaning in English news and reports, and irregular forms. Data only.

Groups end with a semicolon. A group holds words that may stand for each other in a paraphrase without changing what is
claimed; a word may be in several groups, and what two groups share joins nothing else. Opposites never share a group.
Written from general knowledge of English; no source text was looked at.
"""

from functools import lru_cache
from importlib.resources import files

__all__ = ["DEMONYMS", "GROUPS", "IRREGULAR", "PHRASES", "wordnet"]


@lru_cache(maxsize=1)
def wordnet() -> tuple[str, ...]:
    """Groups of common words that WordNet gives one of their first meanings, from wordnet.txt beside this module."""
    lines = files(__package__).joinpath("wordnet.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


# Forms are stemmed when loaded, so one form of each word is enough.
GROUPS = """
poised ready prepared; eager keen; stock stockpile; ease loosen relax; drop_out withdraw quit; enhance increase improve;
jeopardize endanger risk; backfill refill replenish replace; shoot_down intercept; take_place happen occur;
pay_back repay; compete play; further promote advance;
formerly previously; probable likely; sole only; often commonly; several various; while whereas; roughly nearly;
largest biggest; highest top; lowest smallest; fastest quickest; oldest earliest; gigantic huge; tiny minute; demise
death; obtain acquire; reside live; dwell live; assist help; inform tell; utilise use; terminate end; endeavour try;
remuneration pay; commence start; construct build; demonstrate show; additional more; subsequently later; regarding
about; nowadays today; kilo kilogram; film movie; soccer football; autumn fall; flat apartment; lorry truck; petrol
gasoline; railway railroad; aeroplane plane; holiday vacation; shop store; programme scheme; cinema theater theatre;
lift elevator; nearby neighbouring; neighbouring adjacent; adjacent adjoining; border adjoin; encounter meet; confront
face; vanish disappear; appear surface; seize confiscate; apprehend arrest; slain killed; fatality death; fatal
deadly; lethal deadly; casualty death; wounded injured; troops forces; forces army; navy fleet; fleet ships; airport
airfield; headquarters base; outpost post; commander chief; officer official; spokesman spokesperson; spokeswoman
spokesperson; chairman chair; chairperson chair; policeman police; fireman firefighter; pupil student; professor
academic; academic scholar; novel book; poem verse; painter artist; actor performer; performer artist; perform play;
musician artist; singer musician; lyrics words; vocals singing; debut first; sequel successor; gross earn; net after;
turnover revenue; dividend payout; buyback repurchase; stake share; merger combination; takeover acquisition; buyout
acquisition; divest sell; dispose sell; disposal sale; borrowings debt; indebtedness debt; maturity due; mature due;
expire end; renew extend; impairment writedown; outlay cost; workforce employees; personnel employees; staff
employees; headcount employees; client customer; vendor supplier; retailer store; outlet store; branch office;
subsidiary unit; affiliate unit; mutation change; mutant altered; organism species; cell line; express produce; encode
specify; bind attach; inhibit block; inhibit suppress; suppress repress; activate stimulate; stimulate trigger; induce
trigger; induce cause; regulate control; mediate control; mice mouse; fly flies; larva grub; tumor tumour cancer;
cancer malignancy; disorder disease; syndrome disease; dose amount; concentration level; measure quantify; quantify
count; observe see; observe detect; indicate suggest; propose hypothesize; assay test; sample specimen; subset
portion; fraction portion; majority bulk; proportion fraction; comprise include; consist include; start begin commence
launch initiate onset beginning; end finish conclude terminate cease completion; stop halt cease; stop prevent block;
buy purchase acquire; acquire obtain get gain secure; sell market; big large huge sizable sizeable; huge enormous
massive vast immense; small little tiny slight; quick fast rapid swift speedy; quickly rapidly fast swiftly promptly;
slow gradual; slowly gradually; car automobile vehicle auto; child kid youngster; woman female; man male; people
person individual human; company corporation firm business enterprise; help assist aid assistance support; support
back endorse; show demonstrate reveal display illustrate indicate; show prove; find discover detect identify locate;
find conclude determine; use utilize utilise employ apply usage; need require necessitate; want wish desire; enough
sufficient adequate ample; entire whole full complete total; cheap inexpensive affordable; costly expensive dear; cost
price expense charge; pay spend; pay compensate remunerate; money fund cash; house home residence; job employment work
position; work labor labour; worker employee laborer staff; try attempt seek endeavor effort; important crucial
critical vital essential key significant; significant substantial considerable notable; main chief principal primary
major central key; mainly chiefly primarily principally mostly largely; rise increase grow climb go_up growth; raise
increase lift hike boost; boost strengthen enhance; jump surge soar; fall drop decline decrease go_down; reduce cut
lower decrease lessen slash diminish cutback reduction; limit restrict cap curb constrain; expand extend enlarge widen
broaden; allow permit let authorize authorise enable approve; approve endorse ratify pass; forbid prohibit ban bar;
ask request; ask question inquire enquire query; request seek demand; answer reply respond response; say state tell
remark declare mention note; announce declare proclaim unveil; announce disclose reveal; claim assert contend maintain
argue; believe think consider; expect anticipate forecast project predict; estimate calculate; plan intend aim; goal
aim objective target purpose; hope wish; promise pledge vow commit; agree consent accept; accept agree; reject refuse
decline turn_down; deny dispute; send dispatch ship deliver transfer; deliver supply provide; give provide supply
furnish offer grant donate; transfer hand_over pass pass_on move; receive get obtain; carry transport convey; bring
take; keep retain maintain hold preserve; hold possess own have; contain include comprise encompass; include involve;
consist comprise compose; make create produce manufacture build generate; build construct erect; create establish
found set_up form; destroy demolish ruin wreck; damage harm hurt injure impair; kill slay murder; die perish
pass_away; dead deceased; wound injure; hit strike attack reach; attack assault strike; weapon arm armament; soldier
troop serviceman; army military; war conflict; fight battle combat; fighter jet aircraft plane warplane airplane;
aircraft plane airplane; missile rocket; ship vessel boat; area region zone territory district; place location site
spot; country nation state; land country; city town; government administration authority; official authority; leader
head chief; president leader; boss chief head; lawmaker legislator congressman senator; law legislation act statute;
rule regulation; vote ballot; election poll; policy program; program programme scheme initiative; plan proposal
scheme; meeting summit gathering talk session; talk discuss discussion conversation speak; conversation call talk
discussion; speech address remarks; speak talk; letter note; report account; report document; study research
investigation analysis; examine study investigate analyze analyse inspect review examination; test trial experiment;
scientist researcher investigator; doctor physician; illness disease sickness; sick ill; medicine drug medication;
result outcome consequence; result lead cause; cause reason; cause trigger prompt provoke; effect impact influence;
affect influence impact; because since due owing thanks result; change alter modify shift adjust alteration
modification; replace substitute; convert transform turn; remove eliminate delete strip; eliminate abolish scrap; add
append; join enter; join unite; connect link join associate relate tie; combine merge unite join; divide split
separate; separate split part; distinct separate different; different distinct various diverse; similar alike
comparable; same identical equal; equal equivalent; often frequently regularly commonly; usually generally typically
normally ordinarily commonly; rarely seldom infrequently; sometimes occasionally; always constantly continually; again
anew; now currently presently today; current present existing; recent latest new; recently lately; new novel fresh;
old aged ancient; old former previous; former previous prior earlier past ex; next following subsequent coming
upcoming; last final; last past; final ultimate eventual; finally eventually ultimately; immediately instantly
promptly; soon shortly; annual yearly; annually yearly; monthly month; daily day; year annum; adult grown; many
numerous countless; much lot; almost nearly virtually practically; about approximately roughly around circa approx;
exactly precisely; exact precise accurate; actually truly really indeed; very extremely highly; completely totally
entirely fully wholly; partly partially; especially particularly notably specifically; particular specific certain;
specific particular; obvious clear evident apparent plain; obviously clearly evidently; probably likely; possible
potential; good great fine excellent; better improved; best finest top; bad poor; terrible awful dreadful; hard
difficult tough challenging; easy simple; simple straightforward; strong powerful robust; powerful mighty strong; weak
feeble fragile; rich wealthy affluent; poor impoverished needy; happy glad pleased; angry furious; surprise astonish
amaze stun shock; afraid scared frightened; worry concern; concern anxiety; concern regard; problem issue trouble
difficulty; issue matter topic; matter affair; danger risk threat peril hazard; dangerous hazardous risky perilous;
safe secure; safety security; protect defend guard safeguard shield; defence defense; free liberate release; release
free; freedom liberty; right entitlement; fair just equitable; legal lawful; illegal unlawful; crime offense offence
felony; criminal offender; arrest detain; jail prison imprison; trial lawsuit; lawsuit suit litigation; court
tribunal; judge justice; lawyer attorney counsel; contract agreement deal; deal agreement accord pact; treaty accord
pact; partner ally; ally friend; enemy foe adversary rival; rival competitor; competition contest; compete contend;
win triumph; win gain; victory win triumph; lose forfeit; loss deficit; defeat beat; profit earnings gain; income
earnings revenue; revenue sales; earn make gain; salary wage pay; tax levy duty; fee charge; debt liability
obligation; loan credit; lend loan; borrow loan; bank lender; invest investment; investor shareholder; share stock;
shareholder stockholder; owner holder proprietor; customer client consumer; consumer buyer; buyer purchaser; seller
vendor supplier; supplier provider; product good item; goods product merchandise; equipment gear machinery; machine
device apparatus; device instrument tool; system network; technique method approach procedure; method way approach
means; way manner; process procedure; step stage phase; stage phase; period time interval; period term; era age
period; moment time; decade ten; part portion section piece segment share; part component element; portion share
proportion fraction; proportion percentage ratio rate; amount quantity sum volume; number figure; number amount;
quantity number; majority most; minority few; average mean; maximum max; minimum min; level degree; level rate; size
magnitude; height altitude; weight mass; speed velocity pace; range scope extent; group set collection; group cluster;
team group crew squad; member participant; participate take_part; join participate; organization organisation body
agency group; agency bureau; department ministry; minister secretary; school college; university college; student
pupil; teacher educator instructor; educate teach instruct; learn discover; know understand; understand comprehend
grasp; knowledge understanding; information data; data figure; fact detail; idea concept notion thought; opinion view
belief; view regard see; see view observe witness; observe notice see; watch observe monitor; monitor track; look
appear; seem appear; appear emerge; emerge arise; happen occur; occur happen arise; event incident occurrence episode;
incident episode; remain stay continue persist; continue proceed persist; last endure persist; wait await; delay
postpone defer; cancel scrap; leave depart exit; depart leave; go travel; go attend; kill die; come_out release
publish; land touchdown; tired fatigue; aboard board; chart list; begin debut; world planet; sink wreck; leave remain;
run serve; director direct; producer produce; work function; necessary needed required; need necessary; exclude
rule_out; present here; lead result; travel journey trip; visit tour; arrive reach come; come arrive; return
come_back; move shift; follow pursue; pursue chase; lead head; lead guide; direct order instruct command; order
command instruct; manage run operate; run operate; control dominate; handle manage; manager director executive;
perform execute conduct carry_out; conduct carry_out undertake; implement execute carry_out enforce; achieve
accomplish attain reach; succeed achieve; success achievement; fail collapse; failure collapse; complete finish
conclude fulfil fulfill; fulfill satisfy meet; satisfy meet; meet encounter; choose select pick opt; choice selection
option; decide determine resolve; decision ruling; decision move; vary differ range; depend rely; trust confidence;
sure certain confident; confirm verify; verify check; prove establish; explain clarify; explanation account; describe
depict characterize; describe call; call name term dub label describe; name title; define specify; mean signify; imply
suggest mean; suggest propose recommend; idea suggestion proposal suggest; propose suggest; advise recommend;
recommend urge; urge encourage; force compel oblige; obliged required; warn caution alert; threaten menace; criticize
criticise condemn denounce; blame fault; praise commend laud; honor honour; thank grateful; celebrate mark; remember
recall; forget overlook; ignore disregard neglect; avoid evade; hide conceal; secret covert; public open; private
personal; public general; common shared; common widespread; widespread extensive broad; wide broad; wide extensive;
narrow limited; long lengthy; short brief; deep profound; tall high; near close; nearby close; nearest closest; far
distant; inside within; outside beyond; across throughout; among amid between; via through; through throughout;
despite notwithstanding; although though; however nevertheless; therefore thus hence consequently; also too
additionally moreover furthermore; besides moreover; instead rather; together jointly; alone solely; only solely just
merely; just merely simply; each every; whole all; world globe; worldwide global international; international global;
foreign overseas; abroad overseas; domestic internal; national nationwide; local regional; native indigenous; origin
source; basis foundation; base foundation; based founded; food nourishment; water liquid; rain rainfall; storm
hurricane; fire blaze; fire launch shoot discharge; shoot fire; gun firearm; bomb explosive; explode blast; explosion
blast; road street; street avenue; building structure; structure construction; plant factory; farm agricultural;
farmer grower; forest wood; animal creature; wild feral; insect bug; species kind; kind type sort; type kind category
class; category class; classify categorize; sort classify; gene genetic; evolve develop; develop build; development
growth; develop create; ancestor forebear; parent mother; mother mom mum; mall shop centre; each apiece; father dad;
dad papa; wife spouse; husband spouse; family household; baby infant; born birth; marry wed; young youthful; teenager
adolescent; elderly senior; citizen national; resident inhabitant; population inhabitants; immigrant migrant; border
frontier; crowd throng; movie picture; song track; album record; record tape; singer vocalist; music tune; band group;
write author; writer author; book volume; publish release issue; release issue; print publish; newspaper paper;
journalist reporter; magazine journal; television tv; broadcast air; internet web; phone telephone; phone_call call;
picture image photograph photo; image picture; paint portray; draw sketch; design plan; game match; player
participant; season year; club team; coach trainer; score mark; goal score; champion winner; prize award; title
championship; critic reviewer; review critique; star celebrity; famous celebrated renowned; popular favored; attract
draw; appeal attract; interest attention; attention focus; focus concentrate; focus emphasis; emphasize stress
highlight underscore underline; highlight underscore; engage involve; involvement participation; consult confer;
relevant pertinent; suitable appropriate fitting proper; proper correct; correct right accurate; wrong incorrect
mistaken false; false untrue; mistake error; true real genuine; real actual; normal regular standard ordinary;
standard norm; special particular; strange odd unusual; unusual uncommon; rare uncommon scarce; unique sole; single
sole; alternative option; available accessible; ready prepared; prepare ready; prior previous; previously formerly
earlier before; subsequently later afterward afterwards; later subsequent; simultaneously concurrently; continue keep;
ongoing continuing; constant steady stable; stable steady; stability steadiness; permanent lasting; temporary
provisional interim; temporarily briefly; instant immediate; urgent pressing; emergency crisis; disaster catastrophe;
recover regain; recovery rebound; restore reinstate; repair fix; fix repair mend; improve enhance better upgrade;
improvement enhancement; worsen deteriorate; advance progress; progress advancement; advanced sophisticated; modern
contemporary; ability capability capacity; capable able; skill expertise; talent gift; strength power; power energy;
power authority; electricity power; fuel energy; oil petroleum; renewable sustainable; environment surroundings;
climate weather; pollution contamination; emit discharge; waste garbage; health wellbeing; hospital clinic; patient
sufferer; treat handle; treatment therapy; cure heal; vaccine inoculation; virus pathogen; infection contagion; infect
contaminate; symptom sign; sign indication; signal indicate; evidence proof; theory hypothesis; assume suppose
presume; guess speculate; doubt question; question query; quiz question; mystery puzzle; solve resolve settle; resolve
settle; settlement resolution; dispute disagreement; argue debate; debate discussion; protest demonstration; protester
demonstrator; riot unrest; rebel insurgent; terrorist militant; hostage captive; peace truce; ceasefire truce;
withdraw retreat pull_out; withdrawal retreat; invade occupy; invasion incursion; occupy hold; capture seize;
surrender yield; escape flee; refuge shelter; shelter housing; aid relief; charity philanthropy; volunteer helper;
contribute donate; contribution donation; donate give; fund finance; financial monetary fiscal; economic economical;
economy market; market marketplace; trade commerce; trade exchange; exchange swap; export ship; import bring; tariff
duty; inflation prices; recession downturn; budget spending; spending expenditure outlay; expenditure expense; deficit
shortfall; shortage scarcity; surplus excess; exceed surpass top; surpass exceed; below under; above over; rank
position; status standing; role function; duty responsibility obligation; responsibility duty; responsible
accountable; appoint name designate; designate appoint; elect vote; resign step_down quit; quit leave; retire leave;
hire recruit employ; recruit enlist; fire dismiss sack; dismiss sack; train prepare; equip furnish; install fit; place
put; set put; locate situate; situated located; base locate; surround encircle; cover span; fill occupy; empty vacant;
open unlock; close shut shut_down; closure shutdown; lock secure; cut slice; break fracture; crack break; burn scorch;
freeze chill; heat warm; warm hot; cool cold; bright luminous; dark dim; light illumination; darkness dark; color
colour; black dark; sound noise; loud noisy; quiet silent; silent mute; hear listen; touch contact; contact
communicate; communicate convey; communication contact; message communication; inform notify tell; notify inform;
reveal expose; expose uncover; leak disclose; disclose reveal; publicly openly; admit acknowledge concede confess;
acknowledge recognize recognise; recognize acknowledge; realize recognize; accuse charge allege; allege claim;
allegation accusation claim; charge accuse; convict condemn; conviction sentence; sentence punish; penalty punishment
fine; punish penalize; pardon forgive; victim casualty; survive outlive; suffer undergo endure; undergo experience;
enjoy appreciate; like enjoy; love adore; hate detest loathe; prefer favor favour; favor favour; seriously earnestly;
serious grave severe; severe harsh serious; critical serious; minor small; minor trivial; major large; massive huge;
broad general; general overall; overall total; total sum; total amount; aggregate total combined; additional extra
further more another; further additional more; extra additional; remaining rest; rest remainder; balance remainder;
per each; compared relative; comparison contrast; contrast difference; difference discrepancy; gap difference;
likewise similarly; opposite contrary; oppose resist; opposition resistance; obstacle barrier hurdle; barrier
obstacle; hinder impede hamper; delay hinder; accelerate hasten speed_up; facilitate ease; ease relieve; reach hit;
consume eat; squander waste; save conserve; save rescue; store shop; store stockpile; stockpile reserve; gather
collect; assemble gather; distribute allocate; allocate assign; attribute ascribe; owing due; belong own; property
asset; estate property; lease rent; hire rent; possible feasible; feasible viable; practical pragmatic; useful
helpful; valuable precious; value worth; quality standard; feature characteristic attribute trait property;
characteristic trait; trait feature; typical characteristic; example instance case; instance example; case instance;
situation circumstance condition; circumstance condition; condition state; requirement condition; criterion standard;
context setting; setting environment; scene setting; background context; history past; historical past; tradition
custom; custom practice; practice exercise; habit custom; behavior behaviour conduct; conduct behaviour; action act
measure; measure action step; measurement measure; act action; activity action; active busy; busy occupied; movement
motion; direction course; course route; route path way; path route; distance range; length distance; boundary border
limit; edge border; side flank; top peak; peak maximum top; bottom base; center centre middle; core central; middle
centre; interior inside; exterior outside; surface exterior; shape form; model version; version edition; edition
issue; copy duplicate; repeat reiterate; again repeatedly; repeatedly frequently; occasion time; once formerly;
initial first original; initially originally; original initial; begin originate; derive stem; origin beginning; cease
discontinue; discontinue stop; suspend halt; resume restart; reopen restart; launch introduce; introduction launch;
debut premiere; replace succeed; successor heir; predecessor forerunner; king monarch; queen monarch; royal regal;
empire realm; kingdom realm; colony settlement; settle colonize; tribe clan; church chapel; priest clergyman; religion
faith; faith belief; god deity; holy sacred; soul spirit; mind brain; mental psychological; body organism; organism
creature; blood gore; cell unit; tissue flesh; protein polypeptide; chromosome dna; sequence order; pattern trend;
trend tendency; tendency inclination; tend incline; link connection relationship association; relationship relation;
relation link; correlation association; interaction interplay; interact communicate; cooperate collaborate
work_together; collaborate cooperate; collaboration cooperation; joint shared; share divide; mutual reciprocal;
bilateral mutual; multiple several many; double twice; half semi; triple treble; quarter fourth; pair two couple;
dozen twelve; century hundred; billion bn; million mn; kilometre kilometer km; metre meter; kilogram kilogramme kg;
tonne ton; centimetre centimeter cm; litre liter; mile mi; hour hr; minute min; second sec; percent percentage; degree
degrees; vs versus; versus against; etc other; other another; other remaining; abroad foreign; penny cent; dollar usd;
euro eur; pound gbp; address tackle; address deal; fight combat; guarantee ensure assure; insure cover; wary cautious;
cautious careful; closely carefully; widely broadly; greatly considerably substantially; considerably substantially
significantly markedly; slightly somewhat marginally; sharply steeply; steadily gradually; barely hardly scarcely;
hardly scarcely; perhaps maybe possibly; maybe perhaps; certainly surely definitely; surely certainly; allegedly
reportedly; officially formally; formal official; unofficial informal; presumably supposedly; purportedly supposedly;
largely mainly; solely exclusively; exclusive sole; individually separately; separately independently; independent
autonomous; independently autonomously; automatically autonomously; deliberately intentionally purposely;
intentionally deliberately; accidentally unintentionally; tirelessly relentlessly; consult discuss; oversee supervise;
govern rule; reign rule; power rule; enact pass; repeal revoke; revoke withdraw; amend modify revise; revise amend;
draft write; sign initial; ink sign; veto reject; lobby pressure; pressure push; push press; pull draw; drive push;
drag pull; lift raise; carry bear; throw hurl; catch capture; grab seize; pick select; drop release; launch release;
land arrive; fly soar; drive ride; walk march; march parade; ride travel; swim float; sink drown; climb ascend;
descend fall; cross traverse; pass cross; exit leave; speed pace; accurate correct; obtain gather; impose levy; incur
sustain; amortize depreciate; accrue accumulate; accumulate gather; due payable; outstanding unpaid; fair reasonable;
reasonable sensible; sufficiently adequately; respectively each; pursuant under; regarding concerning about;
concerning about; toward towards; while whilst; amongst among; upon on; onto on; until till; amid during; throughout
during; prior before; following after; like as
"""

# Several words that act as one; joined by `_` in the groups. Written in base forms.
PHRASES = """
carry out; set up; go up; go down; rule out; hand over; pass on; pass away; turn down; take part; step down; pull out;
come back; shut down; speed up; phone call; work together; come out; drop out; shoot down;
pay back
"""

# The base form, then forms whose stem does not lead to it.
IRREGULAR = """
be am is are was were been being; have has had having; do does did done doing; go goes went gone; say said says; tell
told; give gave given; take took taken; get got gotten; make made; come came; become became; begin began begun; break
broke broken; bring brought; build built; buy bought buyer buyers; pay payer; use user users; catch caught; choose
chose chosen; cost costs; deal dealt; draw drew drawn; drive drove driven; eat ate eaten; fall fell fallen; feel felt;
fight fought; find found; flee fled; fly flew flown; forbid forbade forbidden; forget forgot forgotten; grow grew
grown; hear heard; hide hid hidden; hold held; keep kept; know knew known; lay laid; lead led; leave left; lend lent;
lie lay lain; lose lost; mean meant; meet met; pay paid; rise rose risen; run ran; see saw seen; seek sought; sell
sold; send sent; shake shook shaken; shoot shot; show showed shown; shrink shrank shrunk; sing sang sung; sink sank
sunk; sit sat; sleep slept; speak spoke spoken; spend spent; split split; spread spread; stand stood; steal stole
stolen; strike struck stricken; swear swore sworn; swim swam swum; teach taught; tear tore torn; think thought; throw
threw thrown; understand understood; undergo underwent undergone; wake woke woken; wear wore worn; weave wove woven;
win won; withdraw withdrew withdrawn; write wrote written; arise arose arisen; bear bore borne; beat beaten; bind
bound; bite bit bitten; blow blew blown; foresee foresaw foreseen; freeze froze frozen; overcome overcame; oversee
oversaw overseen; forgive forgave forgiven; hang hung; ride rode ridden; ring rang rung; shine shone; spring sprang
sprung; stick stuck; sweep swept; swing swung; undertake undertook undertaken; child children; man men; woman women;
person people; mouse mice; foot feet; tooth teeth; goose geese; life lives; wife wives; half halves; leaf leaves;
knife knives; wolf wolves; analysis analyses; crisis crises; hypothesis hypotheses; thesis theses; basis bases;
criterion criteria; phenomenon phenomena; bacterium bacteria; larva larvae; species species; sale sales; able ability;
able abilities; decide decision decisions; defend defence defense; deep depth; long length; strong strength; wide
width; high height; grow growth; die death deaths dead; live life; choose choice; lose loss losses; sell sale; fly
flight; advise advice; believe belief beliefs; prove proof; succeed success; think thought; receive receipt; conclude
conclusion; extend extension; expand expansion; include inclusion; permit permission; submit submission; admit
admission; reduce reduction; produce production; destroy destruction; explode explosion; invade invasion; divide
division; marry marriage; pursue pursuit; speak speech; compare comparison; apply application; classify
classification; qualify qualification; vary variation variety; maintain maintenance; explain explanation; describe
description; subscribe subscription; resolve resolution; analyze analysis analyse; emphasize emphasis; respond
response; solve solution; acquire acquisition; require requirement; poor poverty; young youth; hot heat; rich riches;
angry anger; hungry hunger; safe safety
"""

# Places with the words for their people and things; titles, months, units and their abbreviations.
DEMONYMS = """
us u.s u.s. usa u.s.a u.s.a. america american united_states; uk u.k u.k. britain british great_britain united_kingdom
briton; eu e.u e.u. european_union; un u.n u.n. united_nations; ukraine ukrainian; russia russian; china chinese;
france french; germany german; italy italian; spain spanish spaniard; europe european; sweden swedish swede; finland
finnish finn; norway norwegian; denmark danish dane; poland polish pole; netherlands dutch holland; belgium belgian;
switzerland swiss; austria austrian; hungary hungarian; greece greek; turkey turkish turk turkiye; portugal
portuguese; ireland irish; scotland scottish scot; wales welsh; england english; iceland icelandic; romania romanian;
bulgaria bulgarian; serbia serbian serb; croatia croatian; czechia czech; slovakia slovak; belarus belarusian;
lithuania lithuanian; latvia latvian; estonia estonian; japan japanese; korea korean; india indian; pakistan
pakistani; bangladesh bangladeshi; indonesia indonesian; malaysia malaysian; thailand thai; vietnam vietnamese;
philippines filipino philippine; australia australian; canada canadian; mexico mexican; brazil brazilian; argentina
argentine argentinian; chile chilean; colombia colombian; peru peruvian; venezuela venezuelan; cuba cuban; israel
israeli; palestine palestinian; iran iranian; iraq iraqi; syria syrian; lebanon lebanese; jordan jordanian; egypt
egyptian; libya libyan; tunisia tunisian; morocco moroccan; algeria algerian; nigeria nigerian; kenya kenyan; ethiopia
ethiopian; somalia somali; sudan sudanese; saudi saudi_arabia; yemen yemeni; afghanistan afghan; kazakhstan kazakh;
georgia georgian; armenia armenian; azerbaijan azerbaijani; africa african; asia asian; saint st st.; doctor dr dr.;
mount mt mt.; mister mr mr.; professor prof prof.; january jan jan.; february feb feb.; march mar mar.; april apr
apr.; august aug aug.; september sept sept. sep sep.; october oct oct.; november nov nov.; december dec dec.; monday
mon mon.; tuesday tue tues; wednesday wed weds; thursday thu thurs; friday fri; saturday sat; sunday sun; company co
co. inc inc. corp corp. ltd ltd.; general gen gen.; senator sen sen.; representative rep rep.; governor gov gov.;
lieutenant lt lt.; fourth_quarter q4; third_quarter q3; second_quarter q2; first_quarter q1; approximately approx
approx.; department dept dept.; versus vs vs.; number no. nos.; figure fig fig.; united_nations un;
artificial_intelligence ai; pentagon defense_department defence_department
"""
