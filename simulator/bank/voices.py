"""What customers write to their bank, in Chinese and English: wording of our own, filled with small details."""

from random import Random
from typing import Literal

Kind = Literal["complaint", "enquiry", "praise", "suggestion", "rating"]
Language = Literal["zh", "en"]

_TEXTS: dict[tuple[Kind, Language], tuple[str, ...]] = {
    ("complaint", "zh"): (
        "在{place}等了{n}分钟还没有叫到号，窗口只开了一个，太慢了。",
        "手机银行转账一直提示失败，钱却扣了{n}元，打了客服也没有人跟进。",
        "说好三个工作日到账，已经过了{n}天还没有消息，很失望。",
        "客户经理推荐的理财亏了，当时没有把风险说清楚，我要一个说法。",
        "莫名其妙扣了{n}元手续费，事先没有任何通知。",
        "ATM吞了我的卡，{place}的工作人员态度很差，让我自己想办法。",
        "每天接到推销电话，已经说过不需要，请不要再打了。",
        "贷款提前还款要跑{n}趟网点，流程太麻烦，考虑换一家银行。",
    ),
    ("complaint", "en"): (
        "I waited {n} minutes at {place} and only one counter was open.",
        "My transfer failed but {n} yuan were taken anyway, and nobody called me back.",
        "A fee of {n} yuan appeared on my statement without any notice.",
        "The app has been logging me out for {n} days and support keeps sending me in circles.",
        "The risk of the product was not explained to me when I bought it. I expect an answer.",
    ),
    ("enquiry", "zh"): (
        "请问{n}万元的大额存单现在利率是多少？",
        "外币兑换需要提前预约吗？需要带什么证件？",
        "信用卡账单日可以改吗？",
        "提前还清房贷要怎么申请，有没有违约金？",
        "请问{place}周末营业吗？",
        "手机银行每天转账限额怎么调高到{n}万？",
    ),
    ("enquiry", "en"): (
        "How do I raise my daily transfer limit to {n} thousand?",
        "Is {place} open on Saturdays?",
        "What documents do I need to exchange foreign currency?",
        "Can I repay my loan early, and is there a charge?",
    ),
    ("praise", "zh"): (
        "{place}的柜员耐心地帮我父亲办好了业务，非常感谢。",
        "新版手机银行很好用，查账方便多了。",
        "客服{n}分钟就解决了我的问题，点赞。",
        "客户经理很专业，讲解清楚，不催着买。",
    ),
    ("praise", "en"): (
        "The teller at {place} was patient and kind, thank you.",
        "My problem was solved within {n} minutes. Great service.",
        "The new app is a pleasure to use.",
    ),
    ("suggestion", "zh"): (
        "建议{place}增加自助机，中午排队的人太多。",
        "希望手机银行有大字版，方便老人使用。",
        "建议消费提醒可以设置{n}元以上才发。",
        "理财到期前{n}天能不能发个提醒？",
    ),
    ("suggestion", "en"): (
        "Please add a self-service machine at {place}.",
        "It would help to get a reminder {n} days before a deposit matures.",
        "Let me set an alert for payments above {n} yuan.",
    ),
    ("rating", "zh"): ("", "整体还可以。", "办理很快。", "排队时间太长。", "讲解清楚。", "系统有点卡。"),
    ("rating", "en"): ("", "Fine overall.", "Quick and easy.", "Too slow.", "Clear explanation."),
}
_PLACES = {"zh": ("城东支行", "火车站支行", "大学城支行", "我家楼下的网点"), "en": ("the station branch", "my branch")}
_GOOD = {"办理很快。", "讲解清楚。", "Quick and easy.", "Clear explanation."}
_BAD = {"排队时间太长。", "系统有点卡。", "Too slow."}


def say(rng: Random, kind: Kind, language: Language) -> str:
    """A text of that kind."""
    return rng.choice(_TEXTS[kind, language]).format(n=rng.randint(2, 60), place=rng.choice(_PLACES[language]))


def comment(rng: Random, rating: int, language: Language) -> str:
    """A short word beside a rating, that does not contradict it."""
    wrong = _BAD if rating >= 4 else _GOOD
    return rng.choice([text for text in _TEXTS["rating", language] if text not in wrong])
