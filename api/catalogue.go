package api

import (
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/fault"
)

// ProblemType documents one code: what happened, and what to do. Codes are never renamed.
type ProblemType struct {
	Code   string `json:"code" example:"not_stored"`
	Status int    `json:"status" example:"404"`
	Title  string `json:"title" example:"Not stored yet"`
	About  string `json:"about" example:"The parcel may have been accepted a moment ago. Ask again after Retry-After seconds."`
} //	@name	ProblemType

// Catalogue documents every code that the door answers with, by status and code. docs/problems.md and /problems/{code} are made of it.
func Catalogue() []ProblemType { return slices.Clone(catalogue) }

var catalogue = []ProblemType{
	{"body_incomplete", 400, "The body ends too early", "The connection or the encoding broke off. Send the request again; nothing was taken, or, in a stream, only what was answered."},
	{"invalid_cursor", 400, "Unknown cursor", "A cursor belongs to one list, one account and one set of filters. Start again without it."},
	{"invalid_query", 400, "Wrong query parameters", "Each wrong parameter is in errors: unknown, given twice, or out of range."},
	{"malformed_encoding", 400, "The body is not encoded as it says", "Content-Encoding names gzip or zstd, and the body is not that."},
	{"malformed_json", 400, "Not JSON", "The body breaks the grammar of JSON (RFC 8259), is not UTF-8, or has something behind the document."},
	{"malformed_yaml", 400, "Not YAML", "The body breaks the grammar of YAML, or has a member twice."},

	{codeMissingKey, 401, "No key", "Send Authorization: Bearer and your key."},
	{codeUnknownKey, 401, "Unknown key", "The key is not ours, is mistyped, or was revoked."},

	{"hold_not_yours", 403, "Not your hold", "Customs lift customs' holds, carriers lift carriers'."},
	{"wrong_role", 403, "Not for your role", "The key is right, and its account's role may not call this."},

	{"backtest_not_found", 404, "No such backtest", "The rule set has none of this id."},
	{"basis_not_found", 404, "The rules are not kept", "The parcel was judged before what rules are made of was kept."},
	{"consignment_not_found", 404, "No such consignment", "There is none of this id, or it is not yours to see."},
	{"departure_not_found", 404, "No such departure", "There is none of this id, or it is not yours to see."},
	{"hold_not_found", 404, "No such hold", "The consignment has no such hold, or it was lifted."},
	{"list_not_found", 404, "No such list", "There is no named list of this name, or it has no such version."},
	{"not_found", 404, "Not found", "There is no such thing, or it is not yours to see."},
	{"not_stored", 404, "Not stored yet", "No parcel with this id is stored. One that was accepted a moment ago will be: ask again after Retry-After seconds."},
	{"pair_not_found", 404, "No such trusted pair", "There is none of this id."},
	{"parcel_not_found", 404, "No such parcel", "There is none of this id, or it is not yours to see."},
	{"review_not_found", 404, "No such review", "There is none of this id."},
	{"ruleset_not_found", 404, "No such rule set", "There is none of this id."},

	{"method_not_allowed", 405, "Method not allowed", "The path exists and takes the methods in Allow."},

	{"not_acceptable", 406, "Not acceptable", "None of the media types in Accept can be given here."},

	{"body_too_slow", 408, "The body came too slowly", "Send it again, faster."},

	{"backtest_running", 409, "A backtest is running", "A rule set has one at a time; the detail names it. Retiring the rule set cancels it."},
	{"consignment_departed", 409, "The consignment has departed", "A hold cannot stop it any more."},
	{"consignment_held", 409, "The consignment is held", "Each hold must be lifted first."},
	{"consignment_not_departed", 409, "The consignment has not departed", "It can neither be transferred nor arrive."},
	{"consignment_not_released", 409, "The consignment is not released", "It may depart when it is released."},
	{"consignment_open", 409, "The consignment is open", "It can be released when it is sealed."},
	{"declaration_retired", 409, "The declaration is not kept any longer", "It was dropped after the time it must be kept."},
	{"departure_exists", 409, "The departure exists", "A departure of this route and number is planned already, otherwise than asked."},
	{"not_matched", 409, "Not found alike", "The parcel's consignee was not found to be like that entry of that list; its reasons say what was."},
	{"pair_in_force", 409, "The pair is trusted already", "The detail names the trusted pair that says so, and until when. End it to say something else."},
	{"list_kind_fixed", 409, "A list keeps its kind", "Rules that ask it were checked against its kind. Make a list of another name."},
	{"hold_of_parcel", 409, "The hold stands for a parcel", "It ends with what is decided about the parcel that the detail names."},
	{"parcel_stopped", 409, "Customs have stopped the parcel", "It is neither loaded nor released, and cannot be taken back."},
	{"referral_not_open", 409, "No such open question", "The referral that is answered was never asked about this parcel, is answered, or was ended by a decision."},
	{"review_claimed", 409, "Another officer holds the review", "The detail says who, and until when."},
	{"review_closed", 409, "The review is decided", "The detail says what became of the parcel."},
	{"second_officer_needed", 409, "A second officer is needed", "A sanctions hit is released by two officers, and you were the first."},
	{"second_person_needed", 409, "A second person is needed", "Two people put a rule set in force, and you proposed it. Another officer or admin confirms with the same call."},
	{"status_forbids", 409, "The status forbids it", "What is asked for cannot follow the status in the detail."},
	{"too_many_shadows", 409, "Too many rule sets in the shadow", "Each costs as much as the one in force. Retire one first."},

	{"list_changed", 412, "The list was changed", "Somebody put another version since you read it. Read it again."},
	{"ruleset_changed", 412, "The rule set was changed", "Somebody changed it since you read it. Read it again."},

	{"body_too_large", 413, "The body is too large", "The limit holds for the decoded body too. Send fewer declarations at a time, or a stream."},
	{"declaration_too_large", 413, "The declaration is too large", "A declaration has at most 131,072 bytes."},

	{codeEncoding, 415, "Unsupported encoding", "Bodies may be sent plain, with gzip or with zstd; see Accept-Encoding."},
	{"unsupported_media_type", 415, "Unsupported media type", "The detail says what is taken here."},

	{"data_exception", 422, "The value cannot be stored", "A value has characters or a size that the database does not take."},
	{"invalid_batch", 422, "The batch is wrong", "The document around the declarations is wrong; see errors. Nothing of it was taken."},
	{"invalid_declaration", 422, "The declaration breaks a rule", "Every broken rule is in errors, with a pointer to its field."},
	{"invalid_request", 422, "The request breaks a rule", "Every broken rule is in errors, with a pointer to its field."},
	{"invalid_ruleset", 422, "The rule set is wrong", "Every flaw is in errors, with the pointer of its part, the rule, and line and column within the part."},

	{"too_many_parcels", 429, "Too many parcels", "The account posts more parcels a second than agreed. Come again after Retry-After seconds."},
	{"too_many_posts", 429, "Too many posts at once", "The account has as many posts under way, or as many bytes in them, as it may have. Come again after Retry-After seconds."},
	{"too_many_waits", 429, "Too many waiting requests", "The account has too many long polls open."},

	{"internal", 500, "Our mistake", "Something went wrong on our side. The instance finds it in our log."},

	{"busy", 503, "Busy", "Too much comes in at once, from all. Come again after Retry-After seconds."},
	{"closing", 503, "The service is stopping", "Another process takes over. Come again after Retry-After seconds."},
	{"database_unavailable", 503, "The database does not answer", "Orders are still taken; what needs the database has to wait. Come again after Retry-After seconds."},
	{"keys_unavailable", 503, "Keys cannot be checked yet", "The process has just started. Come again after Retry-After seconds."},
	{"queue_full", 503, "The queue is full", "Screening must catch up first. Come again after Retry-After seconds."},
	{"queue_unavailable", 503, "The queue does not answer", "Nothing was taken. Posting the same again is safe. Come again after Retry-After seconds."},
	{"rules_unknown", 503, "The rules are not known yet", "The process has just started. Come again after Retry-After seconds."},
	{"timeout", 503, "It took too long", "Come again after Retry-After seconds."},
}

// titleOf gives the title of a fault's code. A code without an entry is titled by its kind: the door never fails over a title.
func titleOf(f *fault.Error) string {
	if i := slices.IndexFunc(catalogue, func(p ProblemType) bool { return p.Code == f.Code }); i >= 0 {
		return catalogue[i].Title
	}
	return f.Kind.String()
}

// listProblems lists the codes.
//
//	@Summary	List the problem types
//	@Tags		service
//	@Success	200	{object}	Page[ProblemType]
//	@Router		/problems [get]
func (d *door) listProblems(*gin.Context) (any, error) {
	return Page[ProblemType]{Data: catalogue}, nil
}

// getProblem documents one code.
//
//	@Summary	Explain a problem type
//	@Tags		service
//	@Param		code			path		string	true	"last part of a problem's type"
//	@Param		If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success	200				{object}	ProblemType
//	@Header		200				{string}	ETag	"names these bytes; send it as If-None-Match"
//	@Success	304				"you have it"
//	@Failure	404				{object}	Problem
//	@Router		/problems/{code} [get]
func (d *door) getProblem(c *gin.Context) (any, error) {
	i := slices.IndexFunc(catalogue, func(p ProblemType) bool { return p.Code == c.Param("code") })
	if i < 0 {
		return nil, noSuch("problem")
	}
	return catalogue[i], nil
}
