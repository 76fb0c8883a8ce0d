// Package api is the HTTP door: it reads requests, asks the house, and answers as the contract says.
//
//	@title			Alataw
//	@version		1
//	@description	Cross-border e-commerce parcels, from a declared order to a released train or truck.
//	@description
//	@description				Times are RFC 3339 in UTC. Decimals (money, quantities) are strings in answers; requests may send a string or a number.
//	@description				Mass is whole grams, size whole millimetres. Errors are RFC 9457 problem documents whose `type` is documented at its own path.
//	@description				Every answer carries `X-Request-Id`; a problem's `instance` and the log repeat it.
//	@license.name				Apache-2.0
//	@license.url				https://www.apache.org/licenses/LICENSE-2.0
//	@BasePath					/
//	@accept						json
//	@produce					json
//
//	@securityDefinitions.apikey	bearer
//	@in							header
//	@name						Authorization
//	@description				`Authorization: Bearer alataw_…`. A key belongs to an account with one role: platform, carrier, officer or admin.
//
//	@tag.name					parcels
//	@tag.description			Platforms declare parcels and follow them
//	@tag.name					receipts
//	@tag.description			What became of a platform's parcels
//	@tag.name					consignments
//	@tag.description			Loading units, as carriers follow them
//	@tag.name					departures
//	@tag.description			The timetable
//	@tag.name					reviews
//	@tag.description			Held parcels on the officers' desk
//	@tag.name					rulesets
//	@tag.description			Rule sets and the lists that they ask
//	@tag.name					sorter
//	@tag.description			The sorting line
//	@tag.name					lists
//	@tag.description			Watch lists, and consignees who are not on them
//	@tag.name					service
//	@tag.description			Health, metrics and this description
package api
