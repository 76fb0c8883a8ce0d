package api

import (
	"encoding/json"
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// RuleSetRequest is a rule set as analysts write it. docs/rules.md shows one, docs/screening.md what formulas may say.
type RuleSetRequest struct {
	Name      string        `json:"name" binding:"required" minLength:"1" maxLength:"60" example:"export of Xian"`
	Office    string        `json:"office" binding:"required" minLength:"1" maxLength:"10" example:"9001"`
	Direction string        `json:"direction" binding:"required" enums:"export" example:"export"`
	Sampling  *RuleSampling `json:"sampling,omitempty"`
	Rules     []Rule        `json:"rules" binding:"required" minItems:"1" maxItems:"1000"`
} //	@name	RuleSetRequest

// RuleSetDocument is a rule set as it is kept.
type RuleSetDocument struct {
	Name      string       `json:"name" example:"export of Xian"`
	Office    string       `json:"office" example:"9001"`
	Direction string       `json:"direction" enums:"export" example:"export"`
	Sampling  RuleSampling `json:"sampling"`
	Rules     []Rule       `json:"rules"`
} //	@name	RuleSetDocument

// RuleSampling is what is looked at whatever it declares: shares in per cent, with up to two decimals.
type RuleSampling struct {
	Random *float64    `json:"random,omitempty" minimum:"0" maximum:"100" example:"0.5"` // drawn into the yellow lane; none takes the office's setting
	Expect *RuleExpect `json:"expect,omitempty"`
} //	@name	RuleSampling

// RuleExpect is the share of parcels that a lane is expected to get; what it lacks is drawn at random.
type RuleExpect struct {
	Red    *float64 `json:"red,omitempty" minimum:"0" maximum:"100" example:"0.1"`
	Yellow *float64 `json:"yellow,omitempty" minimum:"0" maximum:"100" example:"2"`
	Blue   *float64 `json:"blue,omitempty" minimum:"0" maximum:"100" example:"5"`
} //	@name	RuleExpect

// Rule is one rule. When, score, value, match and what stands in braces are formulas.
type Rule struct {
	ID       string      `json:"id" binding:"required" maxLength:"60" example:"value.high"`
	Category string      `json:"category" binding:"required" example:"value"`
	Each     string      `json:"each" binding:"required" enums:"parcel,item,mention,battery,party" example:"parcel"`
	When     string      `json:"when" binding:"required" maxLength:"2000" example:"value > 3000 and destination == 'DE'"`
	Lane     string      `json:"lane" binding:"required" enums:"red,yellow,blue,green,found" example:"yellow"`
	Percent  *float64    `json:"percent,omitempty" minimum:"0" maximum:"100" example:"50"` // of the parcels that it hits; none for all
	Score    string      `json:"score" binding:"required" maxLength:"2000" example:"0.5"`
	Field    string      `json:"field" example:"/goods_value"` // JSON pointer; of what is asked of items, mentions, batteries and parties relative to them
	Value    string      `json:"value,omitempty" maxLength:"2000" example:"goods_value"`
	Match    *RuleMatch  `json:"match,omitempty" extensions:"x-nullable"`
	Because  RuleBecause `json:"because" binding:"required"`
	Source   string      `json:"source" binding:"required" example:"Order 7 of the office"`
	From     string      `json:"from,omitempty" example:"2026-01-01"` // first day in force
	Until    string      `json:"until,omitempty"`                     // last day in force
} //	@name	Rule

// RuleMatch is what a hit met.
type RuleMatch struct {
	List  string `json:"list" binding:"required"`
	Entry string `json:"entry" binding:"required"`
	Name  string `json:"name" binding:"required"`
} //	@name	RuleMatch

// RuleBecause says in two languages why a rule hit.
type RuleBecause struct {
	EN string `json:"en" binding:"required" maxLength:"2000" example:"Worth {value} yuan, more than this office lets pass unseen."`
	ZH string `json:"zh" binding:"required" maxLength:"2000" example:"价值 {value} 元，超过本关区免审限额。"`
} //	@name	RuleBecause

// documentOf gives a document in the API's own shape, whose JSON is the same.
func documentOf(d screening.Document) (out RuleSetDocument, err error) {
	raw, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return out, fmt.Errorf("rule set document: %w", err)
	}
	return out, nil
}

const (
	typeYAML    = "application/yaml" // RFC 9512
	maxRuleBody = 2 << 20            // a rule set or a named list, before and after decoding
)

// readRules reads a rule set, or another document of the analysts, in JSON or in YAML. What it means is not looked at here.
func readRules[T any](d *door, c *gin.Context) (document T, err error) {
	media, err := mediaType(c.Request, typeJSON, typeYAML)
	if err != nil {
		return document, err
	}
	b, err := d.readBody(c, maxRuleBody, maxRuleBody)
	if err != nil {
		return document, err
	}
	defer b.release()
	raw := b.data
	if media == typeYAML {
		if raw, err = ruleset.FromYAML(raw); err != nil {
			return document, err
		}
	}
	return document, decode(raw, &document)
}
