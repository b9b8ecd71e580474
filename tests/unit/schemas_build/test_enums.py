"""Reading from Go types which values a field may have."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "schemas" / "build" / "enums.py"
CORE = """
package v1

// Protocol is prose.
// +enum
type Protocol string

const (
	// TCP is prose.
	ProtocolTCP Protocol = "TCP"
	ProtocolUDP Protocol = "UDP"
)

// Phase is no enumeration.
type Phase string

const PhaseNew Phase = "New"

type PortCommon struct {
	// Prose with "quotes" and a type Protocol string in it.
	Protocol Protocol `json:"protocol,omitempty" protobuf:"bytes,4,opt,name=protocol"`
}

type Port struct {
	PortCommon `json:",inline" protobuf:"bytes,1,opt,name=common"`
	Must       Protocol   `json:"must" protobuf:"bytes,4,opt,name=must"`
	Pointer    *Protocol  `json:"pointer,omitempty"`
	Many       []Protocol `json:"many,omitempty"`
	Phase      Phase      `json:"phase,omitempty"`
	Name       string     `json:"name,omitempty"`
}
"""
NETWORKING = """
package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type Rule struct {
	Protocol *corev1.Protocol `json:"protocol,omitempty"`
	Time     *metav1.Time     `json:"time,omitempty"`
}
"""


@pytest.fixture(scope="module")
def enums():
    spec = importlib.util.spec_from_file_location("build_enums", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def found(enums, tmp_path):
    for folder, text in (("core", CORE), ("networking", NETWORKING)):
        path = tmp_path / folder / "v1" / "types.go"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return enums.read(tmp_path)


def test_a_field_of_an_enumerated_type_has_its_values(found):
    assert found["core.v1.Port"]["must"] == ["TCP", "UDP"]


def test_a_field_that_go_may_leave_empty_may_be_empty_text(found):
    assert found["core.v1.PortCommon"] == {"protocol": ["", "TCP", "UDP"]}


def test_pointers_and_lists_are_never_empty_text(found):
    assert found["core.v1.Port"]["pointer"] == ["TCP", "UDP"]
    assert found["core.v1.Port"]["many"] == ["TCP", "UDP"]


def test_fields_of_an_inlined_type_belong_to_the_outer_one(found):
    assert found["core.v1.Port"]["protocol"] == ["", "TCP", "UDP"]


def test_types_of_another_package_are_followed(found):
    assert found["networking.v1.Rule"] == {"protocol": ["TCP", "UDP"]}


def test_text_that_is_not_enumerated_has_no_values(found):
    assert set(found["core.v1.Port"]) == {"must", "pointer", "many", "protocol"}
