"""Short names of phases, and of parameters in English and Persian; the register itself has their full meaning."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from experiments.units import TOMAN, money_in_words
from sim.config import UNIT_OF_MONEY, Config
from sim.outcome import Language
from sim.parameters import register
from sim.policies import Label

PHASES = (
    "start",
    "1 identify and divide",
    "2 councils",
    "3 neighbourhood mayors",
    "4 carry out",
)
"""Names of the programme's phases, by the number in the city's table."""

PHASES_IN_PERSIAN = (
    "آغاز",
    "۱ شناسایی و تقسیم شهر",
    "۲ شوراها",
    "۳ شهرداران محله",
    "۴ اجرا",
)
"""The same in Persian."""

_BEHAVIOUR = """
trust.rule | the rule of trust | قاعده اعتماد
trust.half_life_weeks | the time in which half of an experience is forgotten | نیمه‌عمر اثر هر تجربه بر اعتماد
trust.evidence_per_experience | the effect of one experience on trust | اثر هر تجربه بر اعتماد
trust.initial_trust_in_municipality | initial trust in the municipality | اعتماد آغازین به شهرداری
trust.initial_trust_in_council | initial trust in the council | اعتماد آغازین به شورای محله
trust.initial_trust_in_people | initial trust in people | اعتماد آغازین به مردم
trust.initial_spread | the spread of initial trust | پراکندگی اعتماد آغازین
trust.deprivation_slope | the loss of initial trust with deprivation | کاهش اعتماد آغازین با محرومیت
trust.hub_selection | the trust by which attenders of the hub differ | تفاوت اعتماد کسانی که به کانون می‌روند
trust.service_evidence_per_week | the weekly effect of services on trust | اثر هفتگی خدمات بر اعتماد
trust.loss_to_gain_ratio | the weight of bad news beside good news | وزن خبر بد نسبت به خبر خوب
trust.project_weight | the weight of finished works in trust | وزن پروژه‌های پایان‌یافته در اعتماد
trust.attribution_to_council | the council's share of credit for its works | سهم شورا از حسن شهرت پروژه‌هایش
trust.late_completion_signal | the signal of a work finished late | نشانه پایان دیرهنگام یک پروژه
trust.broken_pledge_extra_weight | the extra weight of a broken pledge | وزن افزوده وعده عمل‌نشده
trust.voice_weight | the weight of having a say in trust | وزن حق اظهار نظر در اعتماد
trust.voice_rule | what having a say counts by | معیار حق اظهار نظر
trust.news_weight | the weight of news at the hub in trust | وزن خبرهای کانون در اعتماد
trust.meeting_weight | the weight of meeting people in trust | وزن دیدار با مردم در اعتماد
trust.meeting_quality | the quality of meetings | کیفیت دیدارها
anchored_trust.step_per_experience | the step of one experience | تغییر اعتماد با هر تجربه
anchored_trust.service_rate_per_week | the rate at which services move trust | آهنگ اثر خدمات بر اعتماد
anchored_trust.anchor_rate_per_week | the pull back to innate trust | بازگشت به اعتماد درونی
anchored_trust.stubbornness_mean | mean stubbornness | میانگین سرسختی
anchored_trust.stubbornness_of_extremes | the stubbornness of extremes | سرسختی افراد دو سر طیف اعتماد
contacts.per_year | contacts with the municipality | شمار مراجعه به شهرداری
contacts.spread | how far people differ in contacts | پراکندگی مراجعه به شهرداری
contacts.answered_share | contacts that are answered | سهم مراجعه‌های پاسخ‌گرفته
contacts.answered_spread | how far people differ in being answered | پراکندگی پاسخ گرفتن
contacts.answered_deprivation_slope | how much less the poorer areas are answered | کاهش پاسخ‌ها با محرومیت محله
contacts.repeat_ratio | the return of those who were answered | مراجعه دوباره کسانی که پاسخ گرفته‌اند
contacts.weight | the weight of a contact in trust | وزن هر مراجعه در اعتماد
politics.national_sd_per_week | the swings of national politics | نوسان سیاست ملی
politics.personal_events_per_year | events of people's own lives | شمار رویدادهای زندگی شخصی
politics.personal_event_size | the effect of an event of one's own life on trust | اثر هر رویداد زندگی شخصی بر اعتماد
politics.personal_event_size_in_people | the effect of own life on trust in people | اثر زندگی شخصی بر اعتماد به مردم
formative.rate_per_week | how fast what the young live through becomes lasting | سرعت ماندگار شدن تجربه‌های جوانی
formative.until_age | the age at which formative years end | سن پایان سال‌های شکل‌گیری شخصیت
expectation.initial_gap | the initial gap between expectation and services | فاصله آغازین انتظار با خدمات
expectation.disconfirmation_weight | the weight of disappointed expectations | وزن انتظار برآورده‌نشده
expectation.adaptation_per_week | the adaptation of expectations | سازگاری انتظارها با تجربه
expectation.pledge_rise | the rise of expectations with pledges | افزایش انتظار با وعده‌ها
influence.rule | the rule of social influence | قاعده تأثیر اجتماعی
influence.telling_rate_per_week | how often people pass news on | آهنگ بازگویی خبرها
influence.hearsay_weight | the weight of hearsay | وزن شنیده‌ها
influence.contact_rate_per_week | the rate of talk | آهنگ گفت‌وگوها
influence.confidence_bound | the bound of confidence | کران پذیرش نظر دیگران
influence.convergence | convergence in a talk | هم‌گرایی در هر گفت‌وگو
participation.rule | the rule of taking part | قاعده تصمیم به مشارکت
participation.base_propensity | the base propensity to take part | گرایش پایه به مشارکت
participation.propensity_spread | the spread of the propensity to take part | پراکندگی گرایش به مشارکت
participation.programme_offset | the ease of attending programmes | آسانی حضور در برنامه‌های محله
participation.volunteering_offset | the ease of volunteering | آسانی داوطلب شدن
participation.ballot_offset | the ease of voting | آسانی رأی دادن
participation.resources_weight | the weight of resources in taking part | وزن منابع فردی در مشارکت
participation.trust_weight | the weight of trust in taking part | وزن اعتماد در مشارکت
participation.asked_weight | the weight of being asked | وزن دعوت شدن
participation.habit_weight | the weight of habit | وزن عادت
participation.belonging_weight | the weight of belonging | وزن تعلق به محله
participation.skill_weight | the weight of civic skill | وزن مهارت مدنی
participation.fatigue_weight | the weight of fatigue | وزن خستگی
participation.attender_access | the easier access of attenders of the hub | دسترسی آسان‌تر کسانی که به کانون می‌روند
participation.standing_barrier | the barrier for people without standing | مانع مشارکت افراد بدون اقامت قانونی
participation.asking_rate_per_week | the rate at which people ask each other | آهنگ دعوت مردم از یکدیگر
participation.council_asks_per_week | people whom a council asks | شمار دعوت‌شدگان شورا
participation.mayor_asks_per_week | people whom a neighbourhood mayor asks | شمار دعوت‌شدگان شهردار محله
participation.own_generation_share | the share of their own generation whom mayors ask | سهم هم‌نسلان در دعوت‌های شهردار
participation.ballot_reach | the reach of a ballot's announcement | گستره اطلاع‌رسانی رأی‌گیری
participation.visit_reach | the reach of a visit's announcement | گستره اطلاع‌رسانی بازدید
participation.voting_age | the voting age | کمترین سن رأی دادن
participation.member_attendance | the attendance of council members | حضور اعضای شورا
participation.threshold_mean | the mean threshold of taking part | میانگین آستانه مشارکت
participation.threshold_spread | the spread of thresholds of taking part | پراکندگی آستانه مشارکت
participation.conditional_slope | the slope of conditional cooperation | شیب همکاری مشروط
civic.gatherings_per_year | gatherings in a neighbourhood | شمار گردهمایی‌های محله
civic.gathering_offset | the ease of attending gatherings | آسانی حضور در گردهمایی‌ها
civic.gathering_reach | the reach of a gathering's announcement | گستره اطلاع‌رسانی گردهمایی
civic.help_per_year | organised help on common affairs | یاری سازمان‌یافته در امور مشترک
civic.petitions_per_year | petitions signed | امضای درخواست‌های جمعی
list.listing_probability | the chance of being listed after taking part | احتمال ثبت در فهرست پس از مشارکت
list.share_of_asking | the share of asking that goes to people on the list | سهم افراد فهرست از دعوت‌ها
burnout.base_hazard_per_week | the base hazard of burning out | نرخ خطر پایه فرسودگی
burnout.usual_load | the usual load | بار کار معمول
burnout.usual_recognition | the usual recognition | قدردانی معمول
burnout.load_weight | the weight of load in burning out | وزن بار کار در فرسودگی
burnout.unmet_weight | the weight of broken pledges in burning out | وزن وعده‌های عمل‌نشده در فرسودگی
burnout.recognition_weight | the weight of recognition | وزن قدردانی
burnout.recovery_per_week | recovery from burning out | بهبود پس از فرسودگی
learning.habit_rate | the rate of forming a habit | آهنگ شکل‌گیری عادت
learning.skill_rate | the rate of learning | آهنگ یادگیری
learning.adult_learning_share | the learning of adults beside youths | سرعت یادگیری بزرگ‌سالان نسبت به جوانان
learning.skill_decay_per_week | the decay of skill | فرسایش مهارت
learning.mentor_hours_of_elders | mentoring by elders | ساعت‌های راهنمایی اعضای مسن‌تر شورا
learning.mentor_hours_of_facilitator | mentoring by the facilitator | ساعت‌های راهنمایی تسهیلگر
learning.mentor_hours_of_youth_mayor | mentoring by young mayors | ساعت‌های راهنمایی شهردار جوان محله
learning.hours_for_half_mentor | hours for half the effect of mentoring | ساعت لازم برای نیمی از اثر راهنمایی
learning.initial_skill | initial skill | مهارت آغازین
learning.talent_threshold | the threshold of talent | آستانه استعداد
learning.initial_belonging | initial belonging | تعلق آغازین
learning.initial_hope | initial hope | امید آغازین
learning.bridging_probability | the chance of a bridging tie | احتمال پیوند میان‌گروهی تازه
hope.half_life_weeks | the memory of what gave hope | ماندگاری تجربه‌های امیدبخش
hope.evidence_per_experience | the weight of one experience for hope | وزن یک تجربه در امید
hope.contact_weight | the weight of an answer in hope | وزن پاسخ شهرداری در امید
hope.delivery_weight | hope from works delivered | امید برخاسته از پروژه‌های اجراشده
hope.skill_weight | hope from skill | امید برخاسته از مهارت
hope.peer_evidence_per_week | hope from a peer in office | امید برخاسته از شهردار محله هم‌گروه
belonging.half_life_weeks | the memory of what tied to the place | ماندگاری تجربه‌های تعلق‌آور
belonging.evidence_per_experience | the weight of one experience for belonging | وزن یک تجربه در تعلق
belonging.meeting_weight | the weight of meeting in belonging | وزن همراهی با دیگران در تعلق
belonging.work_weight | the weight of having built something in belonging | وزن سهم داشتن در ساخت محله در تعلق
belonging.residence_slope | the rise of belonging with years | افزایش تعلق با سال‌های زندگی در محله
services.gain_per_typical_project | the gain of services by a typical work | افزایش خدمات با یک پروژه معمول
services.decay_per_year | the decay of services | فرسایش خدمات
services.rivalry | the rivalry of works | رقابت‌پذیری بهره‌مندی از پروژه‌ها
services.need_divergence | the divergence of needs | ناهمسانی نیازها
delivery.base_duration_weeks | the base duration of a work | مدت پایه هر پروژه
delivery.duration_spread | the spread of durations | پراکندگی مدت پروژه‌ها
delivery.assistance_without_team | assistance without a team | پشتیبانی بدون تیم شهرداری
delivery.training_effect | the effect of training | اثر آموزش
delivery.team_quality | the quality of teams | کیفیت تیم‌های شهرداری
delivery.team_capacity | the capacity of a team | ظرفیت هر تیم شهرداری
delivery.volunteer_effect | the effect of volunteers on works | اثر داوطلبان بر پروژه‌ها
delivery.mayor_effect | the effect of a mayor's skill on works | اثر مهارت شهردار محله بر پروژه‌ها
delivery.usual_leader_skill | the skill of a usual leader | مهارت مدیر معمول
delivery.central_speed | the speed of the municipality's own works | سرعت پروژه‌های خود شهرداری
delivery.failure_hazard_per_week | the hazard that a work fails | نرخ خطر شکست پروژه
delivery.programme_success | the success of programmes | موفقیت برنامه‌های محله
knowledge.council_error | the council's error about needs | خطای شورا درباره نیازها
knowledge.municipality_error | the municipality's error about needs | خطای شهرداری درباره نیازها
knowledge.municipality_delay_weeks | the municipality's delay in learning needs | تأخیر شهرداری در شناخت نیازها
knowledge.attender_voice | the voice of attenders | وزن صدای کسانی که به کانون می‌روند
knowledge.member_voice | the voice of members | وزن صدای اعضای شورا
knowledge.speaker_voice | the voice of speakers | وزن صدای سخن‌گویان
knowledge.speaking_probability | the chance that somebody speaks | احتمال سخن گفتن
knowledge.agenda_memory | the memory of the agenda | ماندگاری دستور کار
knowledge.agenda_places | places on the agenda | شمار موضوع‌های دستور کار
knowledge.advice_taken | the chance that advice is taken | احتمال پذیرش نظر مشورتی
knowledge.rung_of_consultation | the power of consultation | میزان قدرت واقعی در مشورت
capture.council_capture | the capture of councils | تسخیر شوراها به سود گروهی خاص
capture.municipal_capture | the capture of the municipality | تسخیر شهرداری به سود گروهی خاص
capture.private_share | the private share of captured works | سهم خصوصی پروژه‌های تسخیرشده
capture.council_leak | the leak of councils' money | نشت وجوه شوراها
capture.municipal_leak | the leak of the municipality's money | نشت وجوه شهرداری
capture.audit_effect | the effect of audit | اثر حسابرسی
capture.publication_effect | the effect of publication | اثر انتشار حساب‌ها
capture.undefined_duties_factor | the factor of undefined duties | ضریب وظایف تعریف‌نشده
capture.discovery_per_year | the chance that a leak is found | احتمال کشف نشت وجوه
capture.audit_discovery_factor | the factor by which audit finds more | ضریب کشف با حسابرسی
choice.round_interval_weeks | the interval of rounds of choice | فاصله دورهای انتخاب پروژه
choice.first_round_after_weeks | the wait for the first round of choice | انتظار تا نخستین دور انتخاب
choice.proposals_per_round | proposals in a round | شمار پیشنهادهای هر دور
choice.focus_on_agenda | the focus of proposals on the agenda | تمرکز پیشنهادها بر دستور کار
choice.ballot_noise | the noise of ballots | نوفه رأی‌ها
choice.approvals_per_ballot | approvals on a ballot | شمار تأییدها در هر رأی
choice.veto_strictness | the strictness of vetoes | سخت‌گیری در وتو
selection.candidates_per_seat | candidates for a seat | شمار نامزدهای هر کرسی
selection.municipal_engagement | the municipality's engagement in finding candidates | فعالیت شهرداری برای یافتن نامزد
selection.luck | luck in selection | سهم تصادف در انتخاب اعضا
selection.weight_of_attendance | the weight of attendance in selection | وزن حضور در کانون در انتخاب اعضا
selection.weight_of_resources | the weight of resources in selection | وزن منابع فردی در انتخاب اعضا
selection.weight_of_skill | the weight of skill in selection | وزن مهارت در انتخاب اعضا
selection.women_candidacy_barrier | the barrier for women to be appointed | مانع انتصاب زنان
selection.women_nomination_ratio | how often women stand beside men | نامزدی زنان نسبت به مردان
selection.nomination_share | the share of residents who stand | سهم ساکنانی که نامزد می‌شوند
selection.own_group_vote | votes for one's own group | رأی به گروه خودی
selection.sortition_resources | resources and accepting a lot | اثر منابع فردی بر پذیرش قرعه
awareness.finished_work | the awareness of finished works | آگاهی از پروژه‌های پایان‌یافته
awareness.broken_pledge | the awareness of broken pledges | آگاهی از وعده‌های عمل‌نشده
awareness.tracking_effect | the effect of tracking pledges | اثر پیگیری وعده‌ها
awareness.scandal | the awareness of a scandal | آگاهی از رسوایی
awareness.scandal_weight | the weight of a scandal in trust | وزن رسوایی در اعتماد
awareness.termination_weight | the weight of the programme's end | وزن پایان یافتن برنامه
returns.contribution_share | the residents' share of the cost of works | سهم ساکنان در هزینه پروژه‌ها
returns.price_reduction | the lower price of neighbourhoods' own works | ارزان‌تر شدن پروژه‌های خود محله‌ها
returns.upkeep_gain | the better upkeep of neighbourhoods' own works | نگهداری بهتر پروژه‌های خود محله‌ها
returns.revenue_rise | the rise of revenue with shared budgets | افزایش درآمد با بودجه مشارکتی
returns.revenue_half_life_weeks | the time revenue takes to rise | زمان افزایش درآمد
returns.dispute_probability | the chance that a round of choice is disputed | احتمال اختلاف در دور انتخاب پروژه
returns.dispute_delay_weeks | the delay of works by a dispute | تأخیر پروژه‌ها بر اثر اختلاف
"""

_OTHERS = """
policy.authority.mode | the mode of authority | شیوه تصمیم‌گیری
policy.authority.delegated_share | the share of the budget delegated | سهم بودجه تفویض‌شده
policy.authority.visits_per_year | visits of the city's mayor | بازدیدهای شهردار شهر
policy.authority.veto | the holder of the veto | دارنده حق وتو
policy.hub.kinds | the kinds of hub | نوع کانون محله
policy.council.size | the size of a council | شمار اعضای شورا
policy.council.selection | the selection of councils | شیوه انتخاب اعضای شورا
policy.council.composition | the composition of councils | ترکیب نسلی شورا
policy.council.liaisons | liaisons with the municipality | شمار رابطان شهرداری
policy.council.womens_council | seats of the women's council | کرسی‌های شورای زنان
policy.council.teen_managers | teen managers | شمار مدیران نوجوان
policy.council.standing_for_migrants | migrants without standing in councils | مشارکت افراد بدون اقامت قانونی در شورا
policy.council.quota_women | the quota of women | سهمیه زنان
policy.council.quota_youth | the quota of youths | سهمیه جوانان
policy.council.term_weeks | the term of a council | دوره شورا
policy.council.hearing_interval_weeks | the interval of hearings | فاصله نشست‌های عمومی
policy.mayor.kind | the kind of neighbourhood mayor | نوع شهردار محله
policy.mayor.selection | the selection of neighbourhood mayors | شیوه انتخاب شهردار محله
policy.mayor.seats | neighbourhood mayors in each neighbourhood | شمار شهرداران محله در هر محله
policy.mayor.from_week | the week in which the first neighbourhood mayors are chosen | هفته انتخاب نخستین شهرداران محله
policy.accountability.audit | the audit of books | حسابرسی
policy.accountability.publication | the publication of books | انتشار حساب‌ها
policy.accountability.defined_duties | written duties of councils | وظایف مکتوب شوراها
policy.accountability.pledge_tracking | the public record of pledges | ثبت همگانی وعده‌ها
policy.allocation.rule | the rule of dividing money | قاعده تقسیم بودجه
policy.choice.rule | the rule of choosing works | قاعده انتخاب پروژه
policy.support.kind | the kind of support | نوع پشتیبانی
policy.support.neighbourhoods_per_team | neighbourhoods served by a team | شمار محله‌های هر تیم شهرداری
policy.funding.level | the level of funding | میزان تأمین بودجه
policy.funding.payment_reliability | payments made on time | پرداخت‌های به‌موقع
policy.funding.instalment_interval_weeks | the interval of instalments | فاصله قسط‌ها
policy.pledges.optimism | the optimism of pledges | خوش‌بینی وعده‌ها
policy.pledges.loudness | the loudness of pledges | میزان تبلیغ وعده‌ها
policy.rollout.order | the order of the roll-out | ترتیب گسترش برنامه در محله‌ها
policy.rollout.milestones | the pace of the roll-out | آهنگ گسترش برنامه
policy.programmes.per_year | programmes of a council | شمار برنامه‌های هر شورا
city.population.migrant_share | the share of migrants | سهم مهاجران
city.population.resources_deprivation_slope | the loss of resources with deprivation | کاهش منابع فردی با محرومیت
city.neighbourhoods.service_mean | the mean level of services | میانگین سطح خدمات
city.neighbourhoods.service_deprivation_slope | the loss of services with deprivation | کاهش خدمات با محرومیت
city.network.mean_degree | ties of a resident | شمار پیوندهای هر نفر
city.network.city_wide_share | the share of city-wide ties | سهم پیوندهای سراسر شهر
city.network.homophily_age | the likeness of ties in age | همسانی سنی پیوندها
city.network.homophily_attendance | the likeness of ties in attendance | همسانی پیوندها در حضور در کانون
city.finance.works_budget_per_year | the budget for works | بودجه عمرانی
city.finance.project_cost_mean | the mean cost of a work | میانگین هزینه هر پروژه
city.finance.team_cost_per_year | the cost of a team | هزینه هر تیم شهرداری
"""

_HUB = """
attender_share_men | men who attend the {hub} | سهم مردانی که به {hub} می‌روند
attender_share_women | women who attend the {hub} | سهم زنانی که به {hub} می‌روند
youth_factor | the attendance of youths at the {hub} beside adults | حضور جوانان در {hub} نسبت به دیگران
weekly_attendance | the weekly attendance of the {hub} | حضور هفتگی در {hub}
engagement | the engagement of facilitators at the {hub} | میزان فعالیت تسهیلگران {hub}
credibility | the credibility of facilitators at the {hub} | اعتبار تسهیلگران {hub}
inclusiveness | how far facilitators of the {hub} reach beyond their circle | شمول تسهیلگران {hub}
spread | the spread of facilitators at the {hub} | پراکندگی ویژگی‌های تسهیلگران {hub}
women_barrier | the barrier for women at the {hub} | مانع زنان در {hub}
youth_barrier | the barrier for youths at the {hub} | مانع جوانان در {hub}
"""

HUBS = {
    "mosque": ("mosque", "مسجد"),
    "school": ("school", "مدرسه"),
    "community_centre": ("community centre", "سرای محله"),
    "health_centre": ("health centre", "مرکز بهداشت"),
    "online": ("online hub", "کانون مجازی"),
}

_UNITS = {
    "share": ("", ""),
    "ratio": ("", ""),
    "logit": ("log odds", "در مقیاس لگاریتم بخت"),
    "log": ("in logs", "در مقیاس لگاریتمی"),
    "": ("", ""),
    "weight": ("", ""),
    "exponent": ("", ""),
    "correlation": ("", ""),
    "log odds": ("log odds", "در مقیاس لگاریتم بخت"),
    "log odds per week": ("log odds per week", "در مقیاس لگاریتم بخت برای هر هفته"),
    "log odds per standard deviation": ("log odds per standard deviation", "در مقیاس لگاریتم بخت برای هر انحراف معیار"),
    "per volunteer per 1,000": ("per volunteer per 1,000", "برای هر داوطلب در هزار نفر"),
    "weeks": ("weeks", "هفته"),
    "years": ("years", "سال"),
    "per week": ("per week", "در هفته"),
    "per year": ("per year", "در سال"),
    "per person and year": ("per person and year", "برای هر نفر در سال"),
    "per event": ("per event", "در هر رویداد"),
    "hours per week": ("hours per week", "ساعت در هفته"),
    "people per council and week": ("people per council and week", "نفر برای هر شورا در هفته"),
    "people per mayor and week": ("people per mayor and week", "نفر برای هر شهردار محله در هفته"),
    "people per seat": ("people per seat", "نفر برای هر کرسی"),
    "people": ("people", "نفر"),
    "neighbourhoods": ("neighbourhoods", "محله"),
    "categories": ("categories", "دسته"),
    "projects": ("projects", "پروژه"),
    "seats": ("seats", "کرسی"),
    "ties": ("ties", "پیوند"),
    "per council and year": ("per council and year", "برای هر شورا در سال"),
    "per neighbourhood and year": ("per neighbourhood and year", "برای هر محله در سال"),
}


def _lines(text: str, prefix: str = "") -> dict[str, tuple[str, str]]:
    rows = (line.split(" | ") for line in text.strip().splitlines())
    return {f"{prefix}{key}": (english, persian) for key, english, persian in rows}


def _hubs() -> dict[str, tuple[str, str]]:
    return {
        f"city.hubs.{kind}.{field}": (english.format(hub=names[0]), persian.format(hub=names[1]))
        for kind, names in HUBS.items()
        for field, (english, persian) in _lines(_HUB).items()
    }


TITLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **_lines(_BEHAVIOUR, "behaviour."),
        **_lines(_OTHERS),
        **_hubs(),
        **{row.key: row.short for row in register(Config) if row.short is not None},
    }
)
"""English and Persian names by key: of all behaviour and levers, of profiles of hubs, of what else experiments vary.

Those of parameters that are declared with a name (`short`) are among them.
"""


def title_of(key: str, language: Language) -> str:
    """The name of a parameter in a sentence; one without a name goes by its key."""
    found = TITLES.get(key)
    return key if found is None else found[0 if language == "en" else 1]


def unit_of(unit: str, language: Language, money: Label = TOMAN) -> str:
    """A unit behind a number; empty for shares and ratios; as the register has it where no translation is known.

    Args:
        unit: as the register has it.
        language: English or Persian.
        money: the city's unit of money, with which amounts and prices begin.
    """
    if unit.startswith(UNIT_OF_MONEY):
        behind = unit_of(unit.removeprefix(UNIT_OF_MONEY).strip(), language)
        return f"{money_in_words(money, language)} {behind}".strip()
    found = _UNITS.get(unit)
    return unit if found is None else found[0 if language == "en" else 1]
