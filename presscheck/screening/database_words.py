"""The words that a segment may and may not hold when a database runs it.

What is not listed among the functions is refused: a function that somebody made in the database may
write, and one that the database brings may read the server's files.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words(
    """
    abs array_agg array_length array_position array_to_string avg bool_and bool_or bpchar btrim cardinality ceil
    ceiling char char_length character_length coalesce concat concat_ws count cume_dist date_bin date_part date_trunc
    decode dense_rank div encode every exp extract first_value floor format glob greatest group_concat hex ifnull iif
    initcap instr isfinite json json_agg json_array json_array_length json_build_array json_build_object json_each
    json_each_text json_extract json_extract_path json_extract_path_text json_group_array json_group_object
    json_object json_object_agg json_quote json_remove json_set json_strip_nulls json_type json_typeof json_valid
    jsonb_agg jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each_text jsonb_extract_path
    jsonb_extract_path_text jsonb_object jsonb_object_agg jsonb_strip_nulls jsonb_typeof julianday lag last_value lead
    least left length ln log lower lpad ltrim make_date max md5 min mod nth_value ntile nullif octet_length overlay
    percent_rank percentile_cont percentile_disc position power printf quote quote_literal rank regexp_like
    regexp_match regexp_replace regexp_substr replace reverse right round row_number row_to_json rpad rtrim sign
    split_part sqrt starts_with stddev strftime string_agg string_to_array strpos substr substring sum to_char to_date
    to_json to_jsonb to_number to_timestamp total translate trim trunc typeof unicode unnest upper variance
    date datetime time
    """
)
"""Functions that only work something out of what they are given."""

BEFORE_PARENTHESIS = _words(
    """
    all and any array as between bit by case cast char character cross cube date dec decimal distinct else escape
    except exists filter float from full grouping group having ilike in inner intersect interval is isnull join
    lateral left like limit materialized not notnull numeric offset on or over partition recursive right rollup row
    select sets similar some then time timestamp timestamptz to union using values varchar varying when where with
    within order only natural
    """
)
"""Words after which a parenthesis opens something that is no call, or the length of a type."""

NOT_READING = _words(
    """
    alter analyze attach call copy create deallocate declare delete detach discard do drop execute explain grant insert
    into listen lock merge pragma prepare reassign reindex returning revoke rollback savepoint set tablesample truncate
    unlisten update vacuum
    """
)
"""Words of statements that do more than read, wherever they stand: in WITH, too."""

CHANGING = _words(
    """
    current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime
    localtimestamp session_user system_user user
    """
)
"""Words without parentheses that answer differently each time, or tell who asks."""

SAYS_NOW = r"[\s\d:.+-]*(?:now|today|tomorrow|yesterday|localtime)[\s\d:.+-]*"
"""A pattern of texts that a database reads as the moment, or as the machine's time zone."""

PRIVATE = ("pg_", "sqlite_", "pragma_", "information_schema", "dbstat", "fts3tokenize")
"""How the names of a database's own tables and functions begin: they tell of the machine, not of customers."""
