"""Kubernetes' functions in CEL rules, one expression a row."""

from __future__ import annotations

import pytest

from covey_core.validation.cel.quantity import canonical, parse
from covey_core.validation.cel.rules import Rules, evaluate
from covey_core.validation.cel.times import Seen
from covey_core.validation.cel.values import escaped, to_cel

SELF = {"names": ["a", "b"], "text": "abc", "count": 3, "numbers": [3, 1, 2]}

TRUE = [
    "self.names.indexOf('b') == 1",
    "self.names.lastIndexOf('z') == -1",
    "'abc'.indexOf('c') == 2",
    "!self.numbers.isSorted() && [1, 2, 2].isSorted()",
    "self.numbers.sum() == 6 && self.numbers.min() == 1 && self.numbers.max() == 3",
    "[].sum() == 0",
    "sets.contains(self.names, ['a']) && sets.equivalent(self.names, ['b', 'a']) && !sets.intersects([1], [2])",
    "self.text.find('[bc]+') == 'bc' && 'a1b2'.findAll('[0-9]') == ['1', '2'] && 'a1b2'.findAll('[0-9]', 1) == ['1']",
    "quantity('1Gi') == quantity('1024Mi')",
    "quantity('500m').isLessThan(quantity('1')) && quantity('2').compareTo(quantity('2k')) == -1",
    "quantity('1').add(quantity('2')).sub(1).asInteger() == 2",
    "quantity('-3').sign() == -1 && !quantity('1.5').isInteger() && quantity('1.5').asApproximateFloat() == 1.5",
    "isQuantity('1e3') && !isQuantity('many') && string(quantity('1k')) == '1000'",
    "url('https://user@host.example:8443/a b?q=1&q=2').getHostname() == 'host.example'",
    "url('https://[::1]:80/').getPort() == '80' && url('https://[::1]:80/').getHost() == '[::1]:80'",
    "url('https://x/?q=1&q=2').getQuery() == {'q': ['1', '2']} && url('/a').getScheme() == ''",
    "!isURL('no url') && !isURL('https://a b/') && isURL('https://x/y') && !isURL('https://x:port/')",
    "isIP('::1') && !isIP('127.0.0.256') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')",
    "ip('127.0.0.1').isLoopback() && ip('10.0.0.1').family() == 4 && ip('10.0.0.1').isGlobalUnicast()",
    "ip.isCanonical('::1') && !ip.isCanonical('0::1') && ip('fe80::1').isLinkLocalUnicast()",
    "ip('224.0.0.1').isLinkLocalMulticast() && ip('0.0.0.0').isUnspecified()",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))",
    "cidr('10.0.0.0/8').containsCIDR('10.0.0.0/9') && !cidr('10.0.0.0/9').containsCIDR(cidr('10.0.0.0/8'))",
    "cidr('10.1.0.0/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.0.0/8').prefixLength() == 8",
    "cidr('10.1.0.0/8').ip() == ip('10.1.0.0') && isCIDR('::/0') && !isCIDR('10.0.0.0')",
    "!format.dns1123Label().validate('good').hasValue() && format.dns1123Label().validate('Bad').hasValue()",
    "format.named('uuid').hasValue() && !format.named('nothing').hasValue()",
    "format.named('date').value().validate('2030-02-30').value() == ['not a valid date']",
    "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))",
    "semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3 && !isSemver('1.2')",
    "self.?missing.orValue('x') == 'x' && self.?names[?5].hasValue() == false && optional.of(1).value() == 1",
    "!oldSelf.hasValue()",
    "'A,b'.lowerAscii().split(',') == ['a', 'b'] && math.greatest(1, self.count) == 3",
]
FAILING = [
    ("self.missing == 1", "cel/error"),
    ("quantity('many') == quantity('1')", "cel/error"),
    ("quantity('1').isLessThan(semver('1.2.3'))", "cel/error"),
    ("self.numbers[9] == 1", "cel/error"),
    ("1 / 0 == 1", "cel/error"),
    ("[].min() == 1", "cel/error"),
    ("self.names.all(index, name, name != '')", "cel/unsupported"),
    ("authorizer.path('/x').check('get').allowed()", "cel/unsupported"),
    ("self.text.reverse(1)", "cel/unsupported"),
    ("self.numbers.reverse() == []", "cel/unsupported"),
    ("self.text ==", "cel/unsupported"),
]


@pytest.mark.parametrize("expression", TRUE)
def test_a_function_of_kubernetes_gives_kubernetes_answer(expression):
    assert evaluate(expression, Seen.of(SELF)) == (None, True)


@pytest.mark.parametrize(("expression", "rule"), FAILING)
def test_what_has_no_answer_is_a_failure_and_never_true(expression, rule):
    failure, value = evaluate(expression, Seen.of(SELF))

    assert failure.rule == rule
    assert value is None


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("plain", "plain"),
        ("namespace", "__namespace__"),
        ("in", "__in__"),
        ("a-b", "a__dash__b"),
        ("a.b/c", "a__dot__b__slash__c"),
        ("a__b", "a__underscores__b"),
        ("1st", None),
        ("a b", None),
    ],
)
def test_field_names_are_escaped_as_kubernetes_does(name, inside):
    assert escaped(name) == inside


def test_numbers_have_the_schemas_type():
    schema = {"properties": {"whole": {"type": "integer"}, "part": {"type": "number"}, "either": {}}}

    seen = to_cel({"whole": 3.0, "part": 3, "either": 3, "unknown": 1}, schema, schema)

    assert {name: type(value) for name, value in seen.items()} == {"whole": int, "part": float, "either": int}


def test_a_rule_on_a_whole_object_sees_only_the_name_in_its_metadata():
    schema = {"properties": {"spec": {}}}
    value = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a", "labels": {"b": "c"}}, "spec": 1}

    assert to_cel(value, schema, schema, is_object=True)["metadata"] == {"name": "a"}


def test_times_are_found_at_any_depth():
    schema = {"properties": {"at": {"items": {"additionalProperties": {"type": "string", "format": "date-time"}}}}}
    seen = Seen.of(to_cel({"at": [{"x": "2030-01-01T00:00:00+02:00"}, {}]}, schema, schema))

    assert evaluate("self.at[0]['x'] == timestamp('2029-12-31T22:00:00Z')", seen) == (None, True)
    assert evaluate("self.at[1] == {}", seen) == (None, True)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.5Gi", "1610612736"), ("100m", "0.1"), ("1e3", "1000"), ("12E", "12000000000000000000"), ("0.10", "0.1")],
)
def test_quantities_are_exact(text, number):
    assert canonical(parse(text)) == number


@pytest.mark.parametrize("text", ["", "1 Gi", "1gi", "Gi", "1e99999", "--1", "1.2.3"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="not a quantity"):
        parse(text)


def test_a_default_that_brings_a_field_with_a_rule_is_checked():
    rule = {"rule": "self.size > 1", "message": "too small"}
    part = {"properties": {"size": {"type": "integer"}}, "x-kubernetes-validations": [rule]}
    schema = {"properties": {"spec": {"properties": {"part": {**part, "default": {"size": 1}}}}}}

    (found,) = Rules(schema).problems({"spec": {}}, ())

    assert (found.path, found.message) == (("spec", "part"), "`spec.part`: too small")
