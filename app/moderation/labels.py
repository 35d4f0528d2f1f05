"""WeChat's labels in words."""

LABEL_NAMES = {
    100: "normal",
    10001: "ad",
    20001: "politics",
    20002: "porn",
    20003: "abuse",
    20006: "crime",
    20008: "fraud",
    20012: "vulgar",
    20013: "copyright",
    21000: "other",
}
"""What version 2 of the checks found (WECHAT.md 3.2, 5)."""
