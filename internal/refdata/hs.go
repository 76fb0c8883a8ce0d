package refdata

import _ "embed"

//go:embed tables/hs_chapters.csv
var hsChaptersCSV string

var hsChapters = loadNames(hsChaptersCSV, "chapter", "name")

// IsHSChapter reports whether two digits are a chapter of the Harmonized System (WCO, HS 2022):
// 01 to 97 without 77, which is reserved. 98 and 99 are left to national tariffs and do not count.
func IsHSChapter(two string) bool {
	return hsChapters.row(two) != 0
}

// HSChapterName says in a few English words what a chapter holds, or "" when there is no such chapter.
func HSChapterName(two string) string {
	return hsChapters.name(two)
}
