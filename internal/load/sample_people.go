package load

// culture is how people of one language are named. Names are common ones, put together by chance; nobody in particular is meant.
type culture struct {
	men, women  []string
	families    []string
	feminine    string // what a woman's family name adds
	familyFirst bool
	unspaced    bool // nothing stands between the two names
}

// The cultures, by the language's ISO 639-1 code.
var cultures = map[string]culture{
	"de": {
		men: []string{"Lukas", "Jonas", "Felix", "Matthias", "Jürgen", "Torsten"}, women: []string{"Anneliese", "Katharina", "Sabine", "Heike", "Lena", "Jördis"},
		families: []string{"Grünwald", "Hölzer", "Weißenbach", "Altmann", "Reuter", "Kühnel", "Brandstätter", "Vossberg", "Lindemann", "Mühlbauer"},
	},
	"fr": {
		men: []string{"Étienne", "Benoît", "Mathis", "Loïc", "Rémi", "Gaspard"}, women: []string{"Maëlle", "Anaïs", "Océane", "Hélène", "Margaux", "Inès"},
		families: []string{"Lefèvre", "Beaumont-Ruel", "Chauvinard", "Delacroix-Petit", "Fontanel", "Guérinot", "Marchandeau", "Poirotte", "Vasseurin", "D'Aubrac"},
	},
	"it": {
		men: []string{"Matteo", "Davide", "Niccolò", "Tommaso", "Elia", "Dario"}, women: []string{"Chiara", "Giulia", "Ilaria", "Marta", "Noemi", "Serena"},
		families: []string{"Bellandi", "Cortesini", "D'Alberti", "Ferrantino", "Lombardelli", "Montanelli", "Pagliucci", "Ravasini", "Santorelli", "Zanettin"},
	},
	"es": {
		men: []string{"Álvaro", "Iñigo", "Joaquín", "Rubén", "Nicolás", "Adrián"}, women: []string{"Begoña", "Lucía", "Nuria", "Inmaculada", "Sofía", "Ximena"},
		families: []string{"Ibáñez Roldán", "Muñoz Arteta", "Núñez Cervera", "Peñalver Soto", "Quiñones Vela", "Castañeda Río", "Zubiri Lasa", "Ordóñez Prat"},
	},
	"nl": {
		men: []string{"Sander", "Joost", "Thijs", "Ruben", "Maarten", "Bram"}, women: []string{"Femke", "Marloes", "Anouk", "Sanne", "Lotte", "Fleur"},
		families: []string{"van der Meulen", "de Groot-Bakker", "Hoekstra", "van den Heuvel", "Dijkshoorn", "Terpstra", "Zwanenburg", "ten Brink"},
	},
	"pl": {
		men: []string{"Łukasz", "Grzegorz", "Paweł", "Wojciech", "Maciej", "Tomasz"}, women: []string{"Małgorzata", "Agnieszka", "Zofia", "Katarzyna", "Ewa", "Hanna"},
		families: []string{"Wróbel", "Dąbek", "Gołąb", "Kaczmarek", "Mróz", "Pająk", "Sikora", "Śliwa", "Żak", "Bąk"},
	},
	"cs": {
		men: []string{"Ondřej", "Jiří", "Tomáš", "Vojtěch"}, women: []string{"Růžena", "Zdeňka", "Kateřina", "Lucie"},
		families: []string{"Krejčí", "Jírů", "Martinů", "Tichý-Kolář", "Hrdý", "Petrů"},
	},
	"hu": {
		men: []string{"Gergő", "Bálint", "Ákos", "Levente"}, women: []string{"Réka", "Zsófia", "Enikő", "Boglárka"},
		families: []string{"Szűcs", "Kövér", "Bíró", "Füredi", "Halász", "Székelyi"}, familyFirst: true,
	},
	"ro": {
		men: []string{"Andrei", "Ionuț", "Răzvan", "Ștefan"}, women: []string{"Ioana", "Mădălina", "Ileana", "Crina"},
		families: []string{"Ciobotaru", "Țurcanu", "Lungescu", "Mărgineanu", "Pădureanu", "Rădulescu"},
	},
	"el": {
		men: []string{"Νικόλαος", "Δημήτρης", "Σπύρος", "Λευτέρης"}, women: []string{"Ελένη", "Κατερίνα", "Βασιλική", "Δέσποινα"},
		families: []string{"Καλογεράκης", "Μαυρίδης", "Παπαστεργίου", "Τσιρίγος", "Ψαρράς"},
	},
	"bg": {
		men: []string{"Калоян", "Тодор", "Пламен", "Живко"}, women: []string{"Ралица", "Цветелина", "Йорданка", "Милена"},
		families: []string{"Бояджиев", "Колчаков", "Стоименов", "Чолаков", "Хаджииванов"}, feminine: "а",
	},
	"sv": {
		men: []string{"Björn", "Åke", "Göran", "Linus"}, women: []string{"Åsa", "Linnéa", "Märta", "Ebba"},
		families: []string{"Sjölander", "Hägglund", "Öberg", "Wikström", "Lindqvist", "Nyholm"},
	},
	"lt": {
		men: []string{"Mindaugas", "Žydrūnas", "Aivars", "Jānis", "Tõnu"}, women: []string{"Jūratė", "Ieva", "Līga", "Kärt", "Dalė"},
		families: []string{"Kazlauskas", "Ozols", "Bērziņa", "Mägi", "Žukauskas", "Saar"},
	},
	"en": {
		men: []string{"Oliver", "Callum", "Rhys", "Gareth", "Alistair", "Harvey"}, women: []string{"Imogen", "Niamh", "Poppy", "Rhiannon", "Heather", "Fiona"},
		families: []string{"Ashworth", "Pemberton-Hill", "O'Shaughnessy", "Thistlewood", "Wetherby", "McAllister", "Fairclough", "Hargreaves", "Lockwood", "Penrose"},
	},
	"ru": {
		men: []string{"Тимофей", "Глеб", "Вячеслав", "Прохор", "Матвей", "Никита"}, women: []string{"Ксения", "Светлана", "Аграфена", "Полина", "Дарья", "Алёна"},
		families: []string{"Берёзкин", "Воробьёв", "Ельников", "Жаворонков", "Калинкин", "Лебёдкин", "Огурцов", "Пчёлкин", "Снегирёв", "Щеглов"}, feminine: "а",
	},
	"be": {
		men: []string{"Кастусь", "Алесь", "Янка", "Сымон"}, women: []string{"Алеся", "Ядвіга", "Ганна", "Вольга"},
		families: []string{"Гарбуз", "Жук", "Кравец", "Мурашка", "Чарняк", "Шпак"},
	},
	"kk": {
		men: []string{"Ерлан", "Нұрлан", "Бекзат", "Айдос", "Жандос"}, women: []string{"Айгерім", "Гүлнар", "Мәдина", "Әсел", "Назгүл"},
		families: []string{"Тұрсынбай", "Қалиақпар", "Өтеген", "Жақсылық", "Сәрсенғали", "Бөкенбай", "Ысқақбай"}, familyFirst: true,
	},
	"uz": {
		men: []string{"Jasur", "Sardor", "Ulugʻbek", "Dilshod", "Behzod"}, women: []string{"Dilnoza", "Gulchehra", "Nilufar", "Zulfiya", "Madina"},
		families: []string{"Toʻlqinboyev", "Qoʻchqorov", "Yoʻldoshxoʻjayev", "Rahmatjonov", "Ergashboyev", "Xolboʻtayev"},
	},
	"ky": {
		men: []string{"Бакыт", "Азамат", "Нурдин", "Эмил"}, women: []string{"Айпери", "Жылдыз", "Гүлзат", "Мээрим"},
		families: []string{"Токтогул уулу", "Асанбай", "Жээнбай", "Мамбеткул", "Өмүрбек"},
	},
	"tg": {
		men: []string{"Фирӯз", "Парвиз", "Сӯҳроб", "Далер"}, women: []string{"Шаҳноза", "Ситора", "Гулрухсор", "Мижгона"},
		families: []string{"Раҷабзода", "Қурбонпур", "Назарӣ", "Ҳакимзод", "Шарифпур"},
	},
	"zh": {
		men: []string{"志远", "浩然", "俊熙", "建国", "宇航"}, women: []string{"雨桐", "欣怡", "梦洁", "秀兰", "子涵"},
		families: []string{"欧阳", "慕容", "端木", "柳", "尹", "邱", "骆", "褚"}, familyFirst: true, unspaced: true,
	},
	"ar": {
		men: []string{"ياسين", "زكريا", "رامي", "وسيم"}, women: []string{"ليلى", "ياسمين", "هناء", "سلمى"},
		families: []string{"الزيتوني", "البستاني", "القرطبي", "النجار", "الفاسي"},
	},
	"ja": {
		men: []string{"陽翔", "蓮", "健太"}, women: []string{"結衣", "さくら", "美咲"},
		families: []string{"小笠原", "長谷部", "五十嵐", "桜庭"}, familyFirst: true,
	},
}

// place is a city with the form of its postal codes: 9 stands for a digit, A for a letter.
type place struct{ city, region, postal string }

// country is a destination of the sample day.
type country struct {
	code     string // ISO 3166-1 alpha-2
	weight   int    // parts of 1,000
	currency string
	dial     string // with the first digits of its mobile numbers
	spoken   []string
	places   []place
	streets  []string // "#" stands for the house number
}

// countries are the destinations: the EU and Britain by rail to Duisburg, Central Asia and Kazakhstan by Khorgos, Russia and
// Belarus by rail; the last three are served by no route, so that this path is seen too.
var countries = []country{
	{"DE", 135, "EUR", "+4915", []string{"de", "de", "de", "de", "de", "pl", "ar"}, []place{{"Köln", "Nordrhein-Westfalen", "50999"}, {"München", "Bayern", "80999"}, {"Leipzig", "Sachsen", "04199"}, {"Hamburg", "", "20999"}}, []string{"Lindenstraße #", "Am Alten Markt #", "Goethestraße #", "Kirchweg #"}},
	{"PL", 110, "PLN", "+4850", []string{"pl"}, []place{{"Łódź", "łódzkie", "90-999"}, {"Kraków", "małopolskie", "31-999"}, {"Gdańsk", "pomorskie", "80-999"}, {"Wrocław", "dolnośląskie", "50-999"}}, []string{"ul. Kwiatowa #", "ul. Słoneczna #", "os. Piastów #", "al. Lipowa #"}},
	{"FR", 75, "EUR", "+336", []string{"fr", "fr", "fr", "fr", "ar", "zh"}, []place{{"Lyon", "", "69009"}, {"Nîmes", "Gard", "30000"}, {"Besançon", "Doubs", "25000"}, {"Paris", "", "75019"}}, []string{"# rue des Tilleuls", "# allée du Moulin", "# avenue de la Gare", "# bis rue Neuve"}},
	{"IT", 55, "EUR", "+393", []string{"it"}, []place{{"Torino", "TO", "10199"}, {"Forlì", "FC", "47121"}, {"Verona", "VR", "37199"}}, []string{"Via dei Mille #", "Corso Umberto #", "Via Garibaldi #"}},
	{"ES", 50, "EUR", "+346", []string{"es"}, []place{{"Málaga", "", "29019"}, {"A Coruña", "Galicia", "15009"}, {"Zaragoza", "", "50019"}}, []string{"Calle Mayor #", "Avenida del Puerto #", "Plaza de España #"}},
	{"NL", 45, "EUR", "+316", []string{"nl", "nl", "nl", "zh"}, []place{{"Utrecht", "", "3999 AA"}, {"Groningen", "", "9799 AA"}, {"'s-Hertogenbosch", "Noord-Brabant", "5299 AA"}}, []string{"Molenweg #", "Kerkstraat #", "Prinsengracht #"}},
	{"CZ", 40, "EUR", "+4207", []string{"cs"}, []place{{"Plzeň", "", "301 99"}, {"České Budějovice", "", "370 99"}}, []string{"Zahradní #", "Nádražní #", "Školní #"}},
	{"HU", 30, "EUR", "+3630", []string{"hu"}, []place{{"Győr", "", "9099"}, {"Székesfehérvár", "Fejér", "8099"}}, []string{"Petőfi utca #", "Fő út #"}},
	{"AT", 20, "EUR", "+43660", []string{"de"}, []place{{"Wien", "", "1990"}, {"Sankt Pölten", "Niederösterreich", "3199"}}, []string{"Mariengasse #", "Bahnhofstraße #"}},
	{"BE", 20, "EUR", "+3247", []string{"nl", "fr"}, []place{{"Liège", "", "4099"}, {"Gent", "", "9099"}}, []string{"Stationsstraat #", "rue Haute #"}},
	{"RO", 20, "EUR", "+407", []string{"ro"}, []place{{"Iași", "", "700199"}, {"Timișoara", "Timiș", "300199"}}, []string{"Strada Florilor #", "Bulevardul Unirii #"}},
	{"BG", 12, "EUR", "+35988", []string{"bg"}, []place{{"Пловдив", "", "4099"}, {"Варна", "", "9099"}}, []string{"ул. Шипка #", "бул. Витоша #"}},
	{"GR", 12, "EUR", "+3069", []string{"el"}, []place{{"Θεσσαλονίκη", "", "546 99"}, {"Πάτρα", "Αχαΐα", "262 99"}}, []string{"Οδός Ερμού #", "Λεωφόρος Νίκης #"}},
	{"SE", 15, "EUR", "+4670", []string{"sv"}, []place{{"Malmö", "Skåne", "211 99"}, {"Umeå", "", "903 99"}}, []string{"Storgatan #", "Björkvägen #"}},
	{"LT", 10, "EUR", "+3706", []string{"lt"}, []place{{"Šiauliai", "", "LT-76999"}, {"Kaunas", "", "LT-44999"}}, []string{"Laisvės al. #", "Vilniaus g. #"}},
	{"SK", 8, "EUR", "+4219", []string{"cs"}, []place{{"Košice", "", "040 99"}}, []string{"Hlavná #"}},
	{"GB", 80, "GBP", "+447", []string{"en", "en", "en", "en", "en", "zh", "pl"}, []place{{"Sheffield", "", "S9 9AA"}, {"Newcastle upon Tyne", "", "NE9 9AA"}, {"Llandudno", "Conwy", "LL30 9AA"}, {"London", "", "SE19 9AA"}}, []string{"# Station Road", "Flat 3, # Meadow Gardens", "# Queen's Walk", "# Chapel Lane"}},
	{"KZ", 85, "KZT", "+7701", []string{"kk", "kk", "ru"}, []place{{"Алматы", "", "050999"}, {"Шымкент", "Түркістан облысы", "160999"}, {"Қарағанды", "", "100999"}, {"Астана", "", "010999"}}, []string{"Абай даңғылы #", "ул. Сатпаева #", "Достық көшесі #"}},
	{"UZ", 50, "UZS", "+99890", []string{"uz", "uz", "uz", "ru"}, []place{{"Toshkent", "", "100999"}, {"Samarqand", "Samarqand viloyati", "140999"}, {"Fargʻona", "", "150999"}}, []string{"Navoiy koʻchasi #", "Bobur koʻchasi #", "Amir Temur shoh koʻchasi #"}},
	{"KG", 18, "USD", "+99655", []string{"ky", "ky", "ru"}, []place{{"Бишкек", "", "720999"}, {"Ош", "", "723999"}}, []string{"Чүй проспектиси #", "ул. Токтогула #"}},
	{"TJ", 10, "USD", "+99293", []string{"tg"}, []place{{"Душанбе", "", "734999"}, {"Хуҷанд", "Суғд", "735999"}}, []string{"хиёбони Рӯдакӣ #", "кӯчаи Айнӣ #"}},
	{"RU", 75, "RUB", "+7916", []string{"ru"}, []place{{"Екатеринбург", "Свердловская область", "620099"}, {"Казань", "Татарстан", "420099"}, {"Москва", "", "119999"}, {"Новосибирск", "", "630099"}}, []string{"ул. Ленина, д. #", "Садовая ул., д. #", "пр. Мира, д. #"}},
	{"BY", 15, "RUB", "+37529", []string{"be", "be", "ru"}, []place{{"Мінск", "", "220999"}, {"Гродна", "", "230999"}}, []string{"вул. Янкі Купалы, #", "пр. Незалежнасці, #"}},
	{"AU", 4, "USD", "+614", []string{"en"}, []place{{"Wollongong", "NSW", "2599"}}, []string{"# Jacaranda Avenue"}},
	{"JP", 3, "USD", "+8190", []string{"ja"}, []place{{"大阪市", "大阪府", "599-9999"}}, []string{"本町#"}},
	{"US", 3, "USD", "+1555", []string{"en", "es"}, []place{{"Springfield", "OR", "97499"}}, []string{"# Maple Street"}},
}

// money is what a fen of price is in 1/1,000 of the currency's minor unit, and the step prices of that currency are rounded to.
type money struct{ perThousandFen, step int64 }

// currencies are those of the countries, at rates of about 2026. All have two decimals (ISO 4217).
var currencies = map[string]money{
	"EUR": {125, 1}, "GBP": {108, 1}, "PLN": {530, 1}, "USD": {139, 1}, "RUB": {11_500, 100}, "KZT": {72_000, 1_000}, "UZS": {1_700_000, 100_000},
}

// The sellers' names are put together of these: a city with the code of its administrative division (GB/T 2260), a word, a trade.
var (
	sellerCities = []struct{ name, division string }{
		{"Yiwu", "330782"}, {"Shenzhen", "440305"}, {"Urumqi", "650104"}, {"Guangzhou", "440106"}, {"Hangzhou", "330106"},
		{"Bole", "652701"}, {"Alashankou", "652702"}, {"Xi'an", "610113"},
	}
	sellerWords  = []string{"Lanqiaohe", "Mingtuojia", "Yuehangda", "Xinlubao", "Qingmuyu", "Beichenling"}
	sellerTrades = []string{"Trading Co., Ltd.", "E-Commerce Co., Ltd.", "Supply Chain Co., Ltd."}
)
