package watchlist_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/watchlist"
)

// The lists below have the publishers' shapes, and parties that do not exist.

const unXML = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<CONSOLIDATED_LIST xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" dateGenerated="2026-02-27T00:00:09.554Z">
  <INDIVIDUALS>
    <INDIVIDUAL>
      <DATAID>6900001</DATAID><VERSIONNUM>1</VERSIONNUM>
      <FIRST_NAME>TESSALY</FIRST_NAME><SECOND_NAME>QUIM </SECOND_NAME><THIRD_NAME>ORVANE</THIRD_NAME>
      <UN_LIST_TYPE>Borduria</UN_LIST_TYPE><REFERENCE_NUMBER>BOi.001</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>
      <COMMENTS1>Commander &amp; treasurer</COMMENTS1>
      <NATIONALITY><VALUE>Iran (Islamic Republic of)</VALUE><VALUE>Türkiye</VALUE></NATIONALITY>
      <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Tess
        Ovane</ALIAS_NAME></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Grey</ALIAS_NAME></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ADDRESS><CITY>Klow</CITY><COUNTRY>Democratic Republic of the Congo</COUNTRY></INDIVIDUAL_ADDRESS>
      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1961-01-31</DATE></INDIVIDUAL_DATE_OF_BIRTH>
      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1958</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1971</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
      <NAME_ORIGINAL_SCRIPT>تسالي أورفان</NAME_ORIGINAL_SCRIPT>
    </INDIVIDUAL>
  </INDIVIDUALS>
  <ENTITIES>
    <ENTITY>
      <DATAID>6900002</DATAID><FIRST_NAME>BORDURIAN AIRLINES</FIRST_NAME><UN_LIST_TYPE>Borduria</UN_LIST_TYPE>
      <REFERENCE_NUMBER>BOe.001</REFERENCE_NUMBER>
      <ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>BORDAIR</ALIAS_NAME></ENTITY_ALIAS>
      <ENTITY_ADDRESS><COUNTRY>Syrian Arab Republic</COUNTRY></ENTITY_ADDRESS>
    </ENTITY>
  </ENTITIES>
</CONSOLIDATED_LIST>`

const euXML = `<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-06-05T15:51:25.849+02:00" globalFileId="182848">
  <sanctionEntity designationDate="2022-02-23" unitedNationId="" euReferenceNumber="EU.27.28" logicalId="13">
    <remark>Listed.</remark>
    <regulation regulationType="amendment" programme="BRD" logicalId="1"><publicationUrl>http://eur-lex.europa.eu/x</publicationUrl></regulation>
    <subjectType code="person" classificationCode="P"/>
    <nameAlias firstName="Tessaly" middleName="Quim" lastName="Orvane" wholeName="Tessaly Quim Orvane" strong="true" logicalId="17"/>
    <nameAlias firstName="Тессалы" middleName="" lastName="Орвань" wholeName="" nameLanguage="RU" strong="true"/>
    <nameAlias wholeName="The Grey" strong="false"/>
    <nameAlias wholeName="Tessaly Quim Orvane" nameLanguage="FR" strong="true"/>
    <citizenship countryIso2Code="IR" countryDescription="IRAN (ISLAMIC REPUBLIC OF)"/>
    <birthdate circa="false" calendarType="GREGORIAN" city="Klow" birthdate="1961-01-31" dayOfMonth="31" monthOfYear="1" year="1961"/>
    <birthdate circa="true" calendarType="GREGORIAN" year="1963"/>
    <birthdate circa="false" calendarType="ISLAMIC" year="1380"/>
    <address city="Klow" countryIso2Code="00" countryDescription="UNKNOWN"/>
  </sanctionEntity>
  <sanctionEntity euReferenceNumber="EU.99.1" logicalId="99">
    <regulation programme="BRD"/><regulation programme="SYL"/>
    <subjectType code="enterprise" classificationCode="E"/>
    <nameAlias wholeName="Bordurian Airlines" strong="true"/>
    <address countryIso2Code="SY" countryDescription="SYRIAN ARAB REPUBLIC"/>
  </sanctionEntity>
</export>
`

const ukHeader = "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Name Non-Latin Script,Non-Latin Script Type,Non-Latin Script Language,DOB," +
	"Town of Birth,Country of Birth,Nationality,Passport Number,Passport Details,National Identification Number,National Identification Details,Position," +
	"Address 1,Address 2,Address 3,Address 4,Address 5,Address 6,Post/Zip Code,Country,Other Information,Group Type,Alias Type,Alias Quality,Regime," +
	"Listed On,UK Sanctions List Date Designated,Last Updated,Group ID\r\n"

const conList = "Last Updated,01/09/2026\r\n" + ukHeader +
	`ORVANE,Tessaly,Quim,,,,,تسالي,,,31/01/1961,Klow,Borduria,"(1) Iran. (2) Turkey.",,,,,,,,,,,,,Syria,"Two` + "\n" + `lines, ""quoted""",Individual,Primary name,,Borduria,02/10/2001,31/12/2020,01/02/2021,6897` + "\r\n" +
	`ORVANE,Tessaly,Quim,,,,,,,,00/00/1958,,,,,,,,,,,,,,,,,,Individual,Primary name,,Borduria,02/10/2001,31/12/2020,01/02/2021,6897` + "\r\n" +
	`THE GREY,,,,,,,,,,,,,,,,,,,,,,,,,,,,Individual,AKA,Low,Borduria,02/10/2001,31/12/2020,01/02/2021,6897` + "\r\n" +
	`BORDURIAN AIRLINES,,,,,,,,,,,,,,,,,,,,,,,,,,Syria,,Entity,Primary name,,Borduria,02/10/2001,31/12/2020,01/02/2021,7001` + "\r\n" +
	`BORDAIR,,,,,,,,,,,,,,,,,,,,,,,,,,,,Entity,FKA,Good,Borduria,02/10/2001,31/12/2020,01/02/2021,7001` + "\r\n" +
	`BELLA,,,,,,,,,,,,,,,,,,,,,,,,,,,,Ship,Primary name,,Borduria,02/10/2001,31/12/2020,01/02/2021,7002` + "\r\n"

const ukSanctionsList = "Report Date: 13-Feb-2026\r\n" +
	"Last Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Name type,Alias strength,Title,Name non-latin script," +
	"Regime Name,Designation Type,Other Information,Address Country,D.O.B,Nationality(/ies)\r\n" +
	`04/08/2026,BRD0001,6897,,ORVANE,Tessaly,Quim,,,,Primary Name,,,,The Borduria Regulations,Individual,,Syria,00/00/1975|31/01/1961,Iran|Turkey` + "\r\n" +
	`04/08/2026,BRD0001,6897,,GREY,The,,,,,Alias,Low quality a.k.a,,,The Borduria Regulations,Individual,,,,` + "\r\n"

const cslHeader = "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,standard_order,license_requirement," +
	"license_policy,call_sign,vessel_type,gross_tonnage,gross_registered_tonnage,vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships," +
	"dates_of_birth,nationalities,places_of_birth,source_information_url,ids\n"

const cslCSV = cslHeader +
	`906,Specially Designated Nationals (SDN) - Treasury Department,906,Individual,BRD; SDGT,"ORVANE, Tessaly",,"1 Opera Square, Klow, SY; Teheran, IR",,,,,,,,,,,,,,,"OVANE, Tess",IR,1961-01-31; circa 1958,,,,` + "\n" +
	`9f0e,Entity List (EL) - Bureau of Industry and Security,,,,Bordurian Research Institute,,CN,66 FR 24266,2001-05-14,,,,,,,,,,,,,"Klow Institute; and Borduria Telemetry.",,,,,,` + "\n" +
	`1234,Denied Persons List (DPL) - Bureau of Industry and Security,,,, ADRIAN ORVANE,,"3037 S. 69TH DRIVE, PHOENIX, AZ, 85043",82 F.R. 48792,2017-10-16,2030-10-13,Y,,,,,,,,,FR NOTICE ADDED,,,,,,,,` + "\n"

const cslJSON = `{"sources_used":[{"source":"x","last_imported":"2026-01-01"}],"total":3,"results":[
{"id":"906","source":"Specially Designated Nationals (SDN) - Treasury Department","entity_number":906,"type":"Individual","programs":["BRD","SDGT"],
 "name":"ORVANE, Tessaly","title":null,"alt_names":["OVANE, Tess"],"addresses":[{"address":"1 Opera Square","city":"Klow","state":null,"country":"SY"},{"city":"Teheran","country":"IR"}],
 "citizenships":["IR"],"dates_of_birth":["1961-01-31","circa 1958"],"nationalities":[],"ids":[{"type":"Passport","number":"1","country":"IR"}],"remarks":null},
{"id":"9f0e","source":"Entity List (EL) - Bureau of Industry and Security","name":"Bordurian Research Institute","alt_names":["Klow Institute","Borduria Telemetry"],"addresses":[{"country":"CN"}]},
{"id":"1234","source":"Denied Persons List (DPL) - Bureau of Industry and Security","entity_number":null,"type":null,"name":"ADRIAN ORVANE","alt_names":[],"addresses":[{"country":null}]}
]}`

const dplTXT = `"Name"	"Street_Address"	"City"	"State"	"Country"	"Postal_Code"	"Effective_Date"	"Expiration_Date"	"Standard_Order"	"Last_Update"	"Action"	"FR_Citation"
"TESSALY ORVANE"	"3975 N. CRAMER STREET, UNIT 204"	"MILWAUKEE"	"WI"	"US"	"53211"	"03/16/2020"	"12/13/2028"	"Y"	"2020-03-20"	"FR NOTICE ADDED"	"85 F.R. 16054 3/20/2020"
"TESSALY ORVANE"	"1 OPERA SQUARE"	"KLOW"	""	"CN"	"215500"	"03/16/2020"	"12/13/2028"	"Y"	"2020-03-20"	"FR NOTICE ADDED"	"85 F.R. 16054 3/20/2020"
"BORDURIA ELEKTRONIK A.G."	"7 KLOW ROAD"	"KLOW"	""	"LI"	""	"09/10/1981"	""	"Y"	"1981-09-17"	""	"46 F.R. 46154 9/17/81"
`

func TestParseOfEachPublisher(t *testing.T) {
	type entry = watchlist.Entry
	person, firm := watchlist.Individual, watchlist.Entity
	births := []string{"1961-01-31", "1957", "1958", "1959", "1970", "1971"}
	countries := []string{"IR", "TR", "CD"}
	euCountries, euBirths := []string{"IR"}, []string{"1961-01-31", "1962", "1963", "1964"}
	ukCountries, ukBirths := []string{"IR", "TR", "SY"}, []string{"1961-01-31", "1958"}
	cslBirths := []string{"1961-01-31", "1957", "1958", "1959"}
	csl := []entry{
		{ID: "SDN-906", Name: "ORVANE, Tessaly", Kind: person, Program: "SDN BRD SDGT", Country: "IR", Primary: true, Births: cslBirths, Countries: []string{"IR", "SY"}},
		{ID: "SDN-906", Name: "OVANE, Tess", Kind: person, Program: "SDN BRD SDGT", Country: "IR", Births: cslBirths, Countries: []string{"IR", "SY"}},
		{ID: "EL-a8e15f0708", Name: "Bordurian Research Institute", Kind: firm, Program: "EL", Country: "CN", Primary: true, Countries: []string{"CN"}},
		{ID: "EL-a8e15f0708", Name: "Klow Institute", Kind: firm, Program: "EL", Country: "CN", Countries: []string{"CN"}},
		{ID: "EL-a8e15f0708", Name: "Borduria Telemetry", Kind: firm, Program: "EL", Country: "CN", Countries: []string{"CN"}},
		{ID: "DPL-ab53116b59", Name: "ADRIAN ORVANE", Kind: person, Program: "DPL", Primary: true},
	}
	rows := map[string]struct {
		source, content string
		published       time.Time
		want            []entry
	}{
		"un": {watchlist.UN, unXML, time.Date(2026, 2, 27, 0, 0, 9, 554e6, time.UTC), []entry{
			{ID: "BOi.001", Name: "TESSALY QUIM ORVANE", Kind: person, Program: "Borduria", Country: "Iran (Islamic Republic of)", Primary: true, Births: births, Countries: countries},
			{ID: "BOi.001", Name: "Tess Ovane", Kind: person, Program: "Borduria", Country: "Iran (Islamic Republic of)", Births: births, Countries: countries},
			{ID: "BOi.001", Name: "The Grey", Kind: person, Program: "Borduria", Country: "Iran (Islamic Republic of)", Weak: true, Births: births, Countries: countries},
			{ID: "BOi.001", Name: "تسالي أورفان", Kind: person, Program: "Borduria", Country: "Iran (Islamic Republic of)", Births: births, Countries: countries},
			{ID: "BOe.001", Name: "BORDURIAN AIRLINES", Kind: firm, Program: "Borduria", Country: "Syrian Arab Republic", Primary: true, Countries: []string{"SY"}},
			{ID: "BOe.001", Name: "BORDAIR", Kind: firm, Program: "Borduria", Country: "Syrian Arab Republic", Countries: []string{"SY"}},
		}},
		"eu": {watchlist.EU, euXML, time.Date(2026, 6, 5, 13, 51, 25, 849e6, time.UTC), []entry{
			{ID: "EU.27.28", Name: "Tessaly Quim Orvane", Kind: person, Program: "BRD", Country: "IRAN (ISLAMIC REPUBLIC OF)", Primary: true, Births: euBirths, Countries: euCountries},
			{ID: "EU.27.28", Name: "Тессалы Орвань", Kind: person, Program: "BRD", Country: "IRAN (ISLAMIC REPUBLIC OF)", Births: euBirths, Countries: euCountries},
			{ID: "EU.27.28", Name: "The Grey", Kind: person, Program: "BRD", Country: "IRAN (ISLAMIC REPUBLIC OF)", Weak: true, Births: euBirths, Countries: euCountries},
			{ID: "EU.99.1", Name: "Bordurian Airlines", Kind: firm, Program: "BRD; SYL", Country: "SYRIAN ARAB REPUBLIC", Primary: true, Countries: []string{"SY"}},
		}},
		"uk, consolidated": {watchlist.UK, conList, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), []entry{
			{ID: "6897", Name: "Tessaly Quim ORVANE", Kind: person, Program: "Borduria", Country: "Iran", Primary: true, Births: ukBirths, Countries: ukCountries},
			{ID: "6897", Name: "تسالي", Kind: person, Program: "Borduria", Country: "Iran", Births: ukBirths, Countries: ukCountries},
			{ID: "6897", Name: "THE GREY", Kind: person, Program: "Borduria", Country: "Iran", Weak: true, Births: ukBirths, Countries: ukCountries},
			{ID: "7001", Name: "BORDURIAN AIRLINES", Kind: firm, Program: "Borduria", Country: "Syria", Primary: true, Countries: []string{"SY"}},
			{ID: "7001", Name: "BORDAIR", Kind: firm, Program: "Borduria", Country: "Syria", Countries: []string{"SY"}},
			{ID: "7002", Name: "BELLA", Kind: watchlist.Vessel, Program: "Borduria", Primary: true},
		}},
		"uk, sanctions list": {watchlist.UK, ukSanctionsList, time.Date(2026, 2, 13, 0, 0, 0, 0, time.UTC), []entry{
			{ID: "BRD0001", Name: "Tessaly Quim ORVANE", Kind: person, Program: "The Borduria Regulations", Country: "Iran", Primary: true, Births: []string{"1975", "1961-01-31"}, Countries: ukCountries},
			{ID: "BRD0001", Name: "The GREY", Kind: person, Program: "The Borduria Regulations", Country: "Iran", Weak: true, Births: []string{"1975", "1961-01-31"}, Countries: ukCountries},
		}},
		"us, csv":  {watchlist.CSL, cslCSV, time.Time{}, csl},
		"us, json": {watchlist.CSL, cslJSON, time.Time{}, csl},
		"bis": {watchlist.DPL, dplTXT, time.Time{}, []entry{
			{ID: "DPL-253183648f", Name: "TESSALY ORVANE", Kind: person, Program: "denied until 12/13/2028", Country: "US", Primary: true, Countries: []string{"US", "CN"}},
			{ID: "DPL-0365cd6f92", Name: "BORDURIA ELEKTRONIK A.G.", Kind: firm, Country: "LI", Primary: true, Countries: []string{"LI"}},
		}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			for i := range row.want {
				row.want[i].List = row.source
			}
			for _, f := range []watchlist.File{file("list", row.content), zipped(t, "list.gz", row.content)} {
				entries, report, err := watchlist.Parse(row.source, []watchlist.File{f})
				require.NoError(t, err)
				require.Equal(t, row.want, entries)
				require.Equal(t, row.published, report.Published)
				require.Equal(t, len(entries), report.Parties+report.Aliases)
				require.Equal(t, watchlist.DigestOf(entries), report.Digest)
			}
		})
	}
}

// TestPublishersRefused: what each format's reader refuses, and nearly refuses.
func TestPublishersRefused(t *testing.T) {
	deep := strings.Repeat("<a>", 20)
	rows := map[string]struct{ source, content, code, says string }{
		"un: cut off":               {watchlist.UN, unXML[:len(unXML)-60], "list_truncated", "the file ends too early"},
		"un: cut in a name":         {watchlist.UN, unXML[:700], "list_truncated", "the file ends too early"},
		"un: another list":          {watchlist.UN, euXML, "list_malformed", "the outermost element is export"},
		"un: nobody":                {watchlist.UN, `<CONSOLIDATED_LIST dateGenerated="2026-02-27"><INDIVIDUALS/></CONSOLIDATED_LIST>`, "list_empty", "names nobody"},
		"un: an entity of its own":  {watchlist.UN, strings.Replace(unXML, "&amp;", "&bomb;", 1), "list_malformed", "invalid character entity &bomb;"},
		"un: a type declaration":    {watchlist.UN, strings.Replace(unXML, "<CONS", `<!DOCTYPE l [<!ENTITY a "b">]><CONS`, 1), "list_malformed", "a document type declaration has no place"},
		"un: nested for ever":       {watchlist.UN, "<CONSOLIDATED_LIST>" + deep, "list_malformed", "nest deeper than 8"},
		"un: an endless party":      {watchlist.UN, strings.Replace(unXML, "Commander", strings.Repeat("x", 2<<20), 1), "list_malformed", "more than 1048576 bytes are about one party"},
		"un: a name too long":       {watchlist.UN, strings.Replace(unXML, "BORDAIR", strings.Repeat("x", 3000), 1), "list_malformed", "a name or number is longer than can be"},
		"un: a party without name":  {watchlist.UN, strings.NewReplacer("BORDURIAN AIRLINES", "", "BORDAIR", "…").Replace(unXML), "list_malformed", "party BOe.001 of un has no name"},
		"un: a party of no number":  {watchlist.UN, strings.NewReplacer("6900002", "", "BOe.001", "").Replace(unXML), "list_malformed", "a party has no number"},
		"un: two lists in one":      {watchlist.UN, unXML + "<CONSOLIDATED_LIST></CONSOLIDATED_LIST>", "list_malformed", "2 outermost elements"},
		"un: a table":               {watchlist.UN, dplTXT, "list_malformed", "this is no XML: it has no element"},
		"eu: cut off":               {watchlist.EU, euXML[:len(euXML)-12], "list_truncated", "the file ends too early"},
		"eu: another list":          {watchlist.EU, unXML, "list_malformed", "the outermost element is CONSOLIDATED_LIST"},
		"eu: another encoding":      {watchlist.EU, strings.Replace(euXML, "UTF-8", "UTF-16", 1), "list_malformed", "a list is written in UTF-8, not in UTF-16"},
		"uk: no header":             {watchlist.UK, "Last Updated,01/09/2026\nx,y\n", "list_malformed", `no header with a column called "name 6"`},
		"uk: a column missing":      {watchlist.UK, strings.Replace(conList, "Group ID", "Group", 1), "list_malformed", `no column called "group id"`},
		"uk: cut in a line":         {watchlist.UK, conList[:len(conList)-30], "list_malformed", "values, where the header has 36"},
		"uk: cut in quotes":         {watchlist.UK, conList[:strings.Index(conList, "quoted")], "list_truncated", "the file ends too early"},
		"uk: header only":           {watchlist.UK, "Last Updated,01/09/2026\n" + ukHeader, "list_malformed", "nobody is on the list"},
		"uk: an unknown type":       {watchlist.UK, strings.Replace(conList, ",Ship,", ",Planet,", 1), "list_malformed", "a party of no known type"},
		"uk: a quote never closed":  {watchlist.UK, conList + `"` + strings.Repeat("x\n", 200<<10), "list_malformed", "the record is longer than"},
		"us: cut in a line":         {watchlist.CSL, cslCSV[:len(cslCSV)-30], "list_malformed", "values, where the header has 29"},
		"us: another table":         {watchlist.CSL, conList, "list_malformed", "the header has no column called"},
		"us: of no list":            {watchlist.CSL, strings.Replace(cslCSV, "(EL)", "", 1), "list_malformed", "a party is of no list"},
		"us: JSON cut off":          {watchlist.CSL, cslJSON[:len(cslJSON)-40], "list_truncated", "the file ends too early"},
		"us: JSON behind JSON":      {watchlist.CSL, cslJSON + "{}", "list_malformed", "the JSON goes on behind the list"},
		"us: JSON of something":     {watchlist.CSL, `{"message":"Not found"}`, "list_malformed", "nobody is on the list"},
		"us: JSON of another shape": {watchlist.CSL, `{"results":{}}`, "list_malformed", "this is not the JSON of the list"},
		"us: JSON with other types": {watchlist.CSL, `{"results":[{"name":{}}]}`, "list_malformed", "no party behind byte"},
		"us: JSON, a NUL in a name": {watchlist.CSL, strings.Replace(cslJSON, "ADRIAN", `ADR\u0000IAN`, 1), "list_malformed", "result 3: a value has control characters"},
		"bis: cut in a line":        {watchlist.DPL, dplTXT[:len(dplTXT)-60], "list_malformed", "values, where the header has 12"},
		"bis: commas":               {watchlist.DPL, strings.ReplaceAll(dplTXT, "\t", ","), "list_malformed", ""},
		"bis: header only":          {watchlist.DPL, dplTXT[:strings.Index(dplTXT, "\n")+1], "list_malformed", "nobody is on the list"},
		"un: aliases for ever":      {watchlist.UN, strings.Replace(unXML, "<QUALITY/><ALIAS_NAME/>", aliases(2100), 1), "list_malformed", "a party has more aliases than can be"},
		"a page instead":            {watchlist.EU, "\n <!DOCTYPE html><html><body>Moved</body></html>", "list_malformed", "list is a web page"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			entries, _, err := watchlist.Parse(row.source, []watchlist.File{file("list", row.content)})
			require.Empty(t, entries)
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, fault.Invalid, f.Kind)
			require.Equal(t, row.code, f.Code, f.Detail)
			require.Contains(t, f.Detail, row.says)
		})
	}
}

func aliases(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "</INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><ALIAS_NAME>x%d</ALIAS_NAME>", i)
	}
	return all.String()
}

// Nothing that a file says takes more than its share of memory or time.
func TestListsWithoutEnd(t *testing.T) {
	began := time.Now()
	_, _, err := watchlist.Parse(watchlist.Custom, []watchlist.File{file("c", "name\n"+strings.Repeat("Tessaly Orvane\n", 400_001))})
	require.ErrorContains(t, err, "the file has more than 400000 records")
	_, _, err = watchlist.Parse(watchlist.OFAC, []watchlist.File{file("sdn", sdnCSV), file("comments", ofacFile(strings.Repeat("102,\"a.k.a. 'X';\"\r\n", 300_000)))})
	require.NoError(t, err)
	_, _, err = watchlist.Parse(watchlist.UN, []watchlist.File{file("un", strings.Replace(unXML, "<NAME_ORIGINAL_SCRIPT>", strings.Repeat("<NATIONALITY><VALUE>Iran</VALUE></NATIONALITY>", 20_000)+"<NAME_ORIGINAL_SCRIPT>", 1))})
	require.NoError(t, err)
	require.Less(t, time.Since(began), 30*time.Second)
}

// A custom list may grade and date its names, and give a party several.
func TestCustomListWithAliases(t *testing.T) {
	entries, _, err := watchlist.Parse(watchlist.Custom, []watchlist.File{file("own.csv",
		"id,name,kind,country,born,weak\n7,Tessaly Orvane,individual,Iran,1961,\n7,The Grey,individual,Iran,1961,yes\n8,Marlinspike,,,,yes\n")})
	require.NoError(t, err)
	iran, born := []string{"IR"}, []string{"1961"}
	require.Equal(t, []watchlist.Entry{
		{List: "custom", ID: "7", Name: "Tessaly Orvane", Kind: "individual", Country: "Iran", Primary: true, Births: born, Countries: iran},
		{List: "custom", ID: "7", Name: "The Grey", Kind: "individual", Country: "Iran", Weak: true, Births: born, Countries: iran},
		{List: "custom", ID: "8", Name: "Marlinspike", Kind: "entity", Primary: true},
	}, entries)
}

// What does not fit into OFAC's remarks goes on in another file.
func TestOFACComments(t *testing.T) {
	files := []watchlist.File{
		file("sdn.csv", strings.Replace(sdnCSV, "a.k.a. 'AL-'TESS' OF KLOW'.", "a.k.a. 'AL-'TE", 1)),
		file("comments.csv", ofacFile(`102,"SS' OF KLOW'; a.k.a. 'THE GREY'."`)),
	}
	entries, report, err := watchlist.Parse(watchlist.OFAC, files)
	require.NoError(t, err)
	require.Equal(t, "comments", report.Files[1].Part)
	var weak []string
	for _, e := range entries {
		if e.Weak {
			weak = append(weak, e.Name)
		}
	}
	require.Equal(t, []string{"BAL", "AL-'TESS' OF KLOW", "THE GREY"}, weak)
	_, _, err = watchlist.Parse(watchlist.OFAC, []watchlist.File{file("sdn.csv", sdnCSV), file("c", ofacFile(`999,"x"`))})
	require.ErrorContains(t, err, "c, line 1: party 999 is not in sdn.csv")
}
