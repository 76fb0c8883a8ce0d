package api

import (
	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/review"
)

// claimNextReview claims the most urgent review that nobody holds. When there is none the answer is empty.
//
//	@Summary		Claim the next review
//	@Description	The most urgent one that nobody holds and you may decide.
//	@Tags			reviews
//	@Security		bearer
//	@Success		200	{object}	Review
//	@Success		204	"no review is free"
//	@Failure		400	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/reviews/next [post]
func (d *door) claimNextReview(c *gin.Context) (any, error) {
	if err := readNothing(d, c); err != nil {
		return nil, err
	}
	claimed, err := d.deps.Desk.Next(c.Request.Context(), officer(c))
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil //nolint:nilerr // an empty desk is no failure: no body is 204
	}
	if err != nil {
		return nil, err
	}
	return reviewOf(claimed), nil
}

// claimReview claims a review for the caller.
//
//	@Summary		Claim a review
//	@Description	For 15 minutes. 409 says who holds it.
//	@Tags			reviews
//	@Security		bearer
//	@Param			id	path		string	true	"id of the review"
//	@Success		200	{object}	Review
//	@Failure		400	{object}	Problem
//	@Failure		404	{object}	Problem
//	@Failure		409	{object}	Problem
//	@Failure		413	{object}	Problem
//	@Failure		422	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/reviews/{id}/claim [post]
func (d *door) claimReview(c *gin.Context) (any, error) {
	id, err := reviewID(c)
	if err != nil {
		return nil, err
	}
	if err := readNothing(d, c); err != nil {
		return nil, err
	}
	claimed, err := d.deps.Desk.Claim(c.Request.Context(), id, officer(c))
	if err != nil {
		return nil, err
	}
	return reviewOf(claimed), nil
}

// giveReviewBack ends the caller's claim.
//
//	@Summary	Give a review back
//	@Tags		reviews
//	@Security	bearer
//	@Param		id	path		string	true	"id of the review"
//	@Success	200	{object}	Review
//	@Failure	400	{object}	Problem
//	@Failure	404	{object}	Problem
//	@Failure	409	{object}	Problem
//	@Failure	413	{object}	Problem
//	@Failure	422	{object}	Problem
//	@Failure	503	{object}	Problem
//	@Router		/v1/reviews/{id}/release-claim [post]
func (d *door) giveReviewBack(c *gin.Context) (any, error) {
	id, err := reviewID(c)
	if err != nil {
		return nil, err
	}
	if err := readNothing(d, c); err != nil {
		return nil, err
	}
	given, err := d.deps.Desk.GiveBack(c.Request.Context(), id, officer(c))
	if err != nil {
		return nil, err
	}
	return reviewOf(given), nil
}

// decideReview decides a review.
//
//	@Summary		Decide a review
//	@Description	request_information asks the platform, inspect orders an inspection, stop forbids loading and release: each makes a referral with a reference. A release after a sanctions hit or a stop takes two officers: the first gets the review back with their approval in it, and it stays open for the second.
//	@Tags			reviews
//	@Security		bearer
//	@Param			id			path		string			true	"id of the review"
//	@Param			decision	body		DecisionRequest	true	"what, and why"
//	@Success		200			{object}	Review
//	@Failure		400			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/reviews/{id}/decision [post]
func (d *door) decideReview(c *gin.Context) (any, error) {
	id, err := reviewID(c)
	if err != nil {
		return nil, err
	}
	request, err := readRequest[DecisionRequest](d, c)
	if err != nil {
		return nil, err
	}
	var f form // what a decision may say is the desk's to check; what a text may hold is checked here
	f.text("reason", request.Reason, false, longestText)
	f.text("note", request.Note, false, longestText)
	ask := request.Referral.ask(&f)
	if err := f.err(); err != nil {
		return nil, err
	}
	by := officer(c)
	decided, err := d.deps.Desk.Decide(c.Request.Context(), id, review.Decision{
		Officer: by.ID, Name: by.Name, Action: review.Action(request.Action), Reason: request.Reason, Note: request.Note, Ask: ask,
	})
	if err != nil {
		return nil, err
	}
	return reviewOf(decided), nil
}
