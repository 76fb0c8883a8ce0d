package load

// good is one kind of goods of the sample day. Prices are in fen (1/100 CNY) a unit, weights in grams a unit.
type good struct {
	text             string
	hs               string // the heading of the Harmonized System such goods fall under, 6 to 10 digits
	unit             string // UN/ECE Recommendation 20
	fenLow, fenHigh  int64
	gramsLow, grams  int64
	cm3              int64  // packed
	un, wh, lithiumG string // its lithium battery, if it has one
}

// goods is what parcels of cross-border e-commerce mostly hold.
var goods = []good{
	{text: "Phone case, TPU", hs: "392690", unit: "H87", fenLow: 600, fenHigh: 3500, gramsLow: 25, grams: 70, cm3: 180},
	{text: "Phone case with card holder, PU leather", hs: "420232", unit: "H87", fenLow: 1500, fenHigh: 5500, gramsLow: 60, grams: 110, cm3: 260},
	{text: "Tempered glass screen protector", hs: "700719", unit: "H87", fenLow: 400, fenHigh: 2200, gramsLow: 30, grams: 60, cm3: 150},
	{text: "USB-C charging cable 2 m", hs: "854442", unit: "H87", fenLow: 700, fenHigh: 3900, gramsLow: 35, grams: 80, cm3: 140},
	{text: "Wall charger 20 W", hs: "850440", unit: "H87", fenLow: 1900, fenHigh: 7900, gramsLow: 60, grams: 120, cm3: 240},
	{text: "Wireless earbuds with charging case", hs: "851830", unit: "H87", fenLow: 4900, fenHigh: 25900, gramsLow: 60, grams: 120, cm3: 380, un: "UN3481", wh: "1.5"},
	{text: "Bluetooth speaker", hs: "851821", unit: "H87", fenLow: 5900, fenHigh: 24900, gramsLow: 250, grams: 900, cm3: 1900, un: "UN3481", wh: "9.6"},
	{text: "Power bank 10000 mAh", hs: "850760", unit: "H87", fenLow: 4500, fenHigh: 14900, gramsLow: 190, grams: 260, cm3: 420, un: "UN3480", wh: "37"},
	{text: "Power bank 20000 mAh", hs: "850760", unit: "H87", fenLow: 8900, fenHigh: 22900, gramsLow: 330, grams: 430, cm3: 640, un: "UN3480", wh: "74"},
	{text: "Smart watch with silicone strap", hs: "851762", unit: "H87", fenLow: 8900, fenHigh: 39900, gramsLow: 70, grams: 150, cm3: 450, un: "UN3481", wh: "1.1"},
	{text: "Quartz wrist watch", hs: "910211", unit: "H87", fenLow: 3900, fenHigh: 18900, gramsLow: 60, grams: 160, cm3: 420, un: "UN3091", lithiumG: "0.02"},
	{text: "Dash camera 1080p", hs: "852589", unit: "H87", fenLow: 12900, fenHigh: 45900, gramsLow: 180, grams: 350, cm3: 1100, un: "UN3481", wh: "1.9"},
	{text: "Computer mouse, wireless", hs: "847160", unit: "H87", fenLow: 2500, fenHigh: 9900, gramsLow: 70, grams: 140, cm3: 560},
	{text: "Mechanical keyboard, 84 keys", hs: "847160", unit: "H87", fenLow: 12900, fenHigh: 39900, gramsLow: 650, grams: 1100, cm3: 3600},
	{text: "USB hub with 4 ports", hs: "847180", unit: "H87", fenLow: 2900, fenHigh: 11900, gramsLow: 50, grams: 120, cm3: 300},
	{text: "Memory card 128 GB", hs: "852351", unit: "H87", fenLow: 3900, fenHigh: 12900, gramsLow: 5, grams: 20, cm3: 60},
	{text: "LED desk lamp", hs: "940521", unit: "H87", fenLow: 5900, fenHigh: 21900, gramsLow: 500, grams: 1200, cm3: 4200},
	{text: "LED string lights 10 m", hs: "940542", unit: "H87", fenLow: 1900, fenHigh: 6900, gramsLow: 150, grams: 420, cm3: 900},
	{text: "LED ceiling lamp", hs: "940511", unit: "H87", fenLow: 9900, fenHigh: 35900, gramsLow: 900, grams: 2100, cm3: 9800},
	{text: "Solar garden light", hs: "940541", unit: "H87", fenLow: 2900, fenHigh: 9900, gramsLow: 200, grams: 500, cm3: 1700},
	{text: "Women's summer dress, polyester", hs: "620443", unit: "H87", fenLow: 5900, fenHigh: 24900, gramsLow: 180, grams: 420, cm3: 1100},
	{text: "Women's dress, cotton", hs: "620442", unit: "H87", fenLow: 6900, fenHigh: 25900, gramsLow: 220, grams: 480, cm3: 1200},
	{text: "Men's T-shirt, cotton", hs: "610910", unit: "H87", fenLow: 2500, fenHigh: 8900, gramsLow: 140, grams: 260, cm3: 700},
	{text: "Knitted pullover, acrylic", hs: "611030", unit: "H87", fenLow: 5900, fenHigh: 19900, gramsLow: 320, grams: 700, cm3: 2400},
	{text: "Down jacket", hs: "620193", unit: "H87", fenLow: 19900, fenHigh: 69900, gramsLow: 600, grams: 1300, cm3: 7500},
	{text: "Leggings", hs: "610463", unit: "H87", fenLow: 2900, fenHigh: 9900, gramsLow: 150, grams: 300, cm3: 650},
	{text: "Baby romper, cotton", hs: "611120", unit: "H87", fenLow: 2900, fenHigh: 8900, gramsLow: 90, grams: 200, cm3: 500},
	{text: "Socks, cotton", hs: "611595", unit: "PR", fenLow: 500, fenHigh: 1900, gramsLow: 30, grams: 70, cm3: 160},
	{text: "Knitted gloves with touch fingertips", hs: "611693", unit: "PR", fenLow: 900, fenHigh: 3900, gramsLow: 50, grams: 110, cm3: 280},
	{text: "Sports shoes with rubber sole", hs: "640411", unit: "PR", fenLow: 8900, fenHigh: 32900, gramsLow: 550, grams: 1000, cm3: 7200},
	{text: "Slippers, EVA", hs: "640299", unit: "PR", fenLow: 1900, fenHigh: 6900, gramsLow: 180, grams: 380, cm3: 2600},
	{text: "Backpack, nylon", hs: "420292", unit: "H87", fenLow: 6900, fenHigh: 24900, gramsLow: 420, grams: 900, cm3: 6500},
	{text: "Handbag, PU leather", hs: "420222", unit: "H87", fenLow: 7900, fenHigh: 29900, gramsLow: 380, grams: 800, cm3: 5200},
	{text: "Sunglasses, polarised", hs: "900410", unit: "H87", fenLow: 1900, fenHigh: 8900, gramsLow: 25, grams: 60, cm3: 260},
	{text: "Stainless steel necklace", hs: "711719", unit: "H87", fenLow: 900, fenHigh: 4900, gramsLow: 10, grams: 40, cm3: 70},
	{text: "Hair clip set", hs: "961519", unit: "SET", fenLow: 600, fenHigh: 2900, gramsLow: 20, grams: 80, cm3: 160},
	{text: "Wig, synthetic hair", hs: "670411", unit: "H87", fenLow: 5900, fenHigh: 19900, gramsLow: 140, grams: 280, cm3: 1500},
	{text: "Make-up brush set", hs: "960330", unit: "SET", fenLow: 2900, fenHigh: 9900, gramsLow: 120, grams: 260, cm3: 620},
	{text: "Building blocks, 520 pieces", hs: "950300", unit: "SET", fenLow: 4900, fenHigh: 22900, gramsLow: 500, grams: 1100, cm3: 4200},
	{text: "Plush toy bear 40 cm", hs: "950300", unit: "H87", fenLow: 2900, fenHigh: 11900, gramsLow: 250, grams: 550, cm3: 5200},
	{text: "Remote controlled car", hs: "950300", unit: "H87", fenLow: 6900, fenHigh: 25900, gramsLow: 450, grams: 1000, cm3: 5600, un: "UN3481", wh: "4.4"},
	{text: "Jigsaw puzzle, 1000 pieces", hs: "950300", unit: "H87", fenLow: 2500, fenHigh: 7900, gramsLow: 450, grams: 700, cm3: 1900},
	{text: "Yoga mat, TPE", hs: "950691", unit: "H87", fenLow: 4900, fenHigh: 15900, gramsLow: 700, grams: 1300, cm3: 8800},
	{text: "Resistance bands", hs: "950691", unit: "SET", fenLow: 1900, fenHigh: 8900, gramsLow: 150, grams: 600, cm3: 900},
	{text: "Fishing reel", hs: "950730", unit: "H87", fenLow: 5900, fenHigh: 24900, gramsLow: 220, grams: 420, cm3: 1100},
	{text: "Bicycle light, rechargeable", hs: "851210", unit: "H87", fenLow: 2900, fenHigh: 11900, gramsLow: 60, grams: 180, cm3: 320, un: "UN3481", wh: "3.7"},
	{text: "Cotton bed linen, 3 pieces", hs: "630231", unit: "SET", fenLow: 12900, fenHigh: 45900, gramsLow: 1300, grams: 2400, cm3: 8200},
	{text: "Curtain, blackout", hs: "630392", unit: "H87", fenLow: 4900, fenHigh: 17900, gramsLow: 600, grams: 1300, cm3: 3800},
	{text: "Microfibre towel", hs: "630260", unit: "H87", fenLow: 1500, fenHigh: 5900, gramsLow: 120, grams: 350, cm3: 900},
	{text: "Polyester fabric, printed", hs: "540754", unit: "MTR", fenLow: 1200, fenHigh: 4900, gramsLow: 180, grams: 320, cm3: 900},
	{text: "Silicone baking mould", hs: "392410", unit: "H87", fenLow: 1200, fenHigh: 5900, gramsLow: 80, grams: 260, cm3: 800},
	{text: "Vacuum flask 500 ml", hs: "961700", unit: "H87", fenLow: 2900, fenHigh: 11900, gramsLow: 250, grams: 420, cm3: 1500},
	{text: "Porcelain tea set, 6 cups", hs: "691110", unit: "SET", fenLow: 7900, fenHigh: 29900, gramsLow: 900, grams: 1900, cm3: 5200},
	{text: "Wall clock", hs: "910521", unit: "H87", fenLow: 3900, fenHigh: 15900, gramsLow: 400, grams: 900, cm3: 5600},
	{text: "Wall stickers, PVC", hs: "391910", unit: "H87", fenLow: 900, fenHigh: 4900, gramsLow: 60, grams: 200, cm3: 420},
	{text: "Fountain pen", hs: "960830", unit: "H87", fenLow: 1900, fenHigh: 8900, gramsLow: 25, grams: 60, cm3: 190},
	{text: "Notebook A5, lined", hs: "482010", unit: "H87", fenLow: 900, fenHigh: 4900, gramsLow: 180, grams: 380, cm3: 620},
	{text: "Torque wrench", hs: "820411", unit: "H87", fenLow: 7900, fenHigh: 25900, gramsLow: 900, grams: 1800, cm3: 1900},
	{text: "Brake pads for passenger car", hs: "87083010", unit: "SET", fenLow: 8900, fenHigh: 29900, gramsLow: 1100, grams: 2300, cm3: 1800},
	{text: "Car phone holder", hs: "870829", unit: "H87", fenLow: 1500, fenHigh: 7900, gramsLow: 90, grams: 220, cm3: 700},
	{text: "Robot vacuum filter", hs: "842199", unit: "SET", fenLow: 1900, fenHigh: 7900, gramsLow: 60, grams: 180, cm3: 900},
	{text: "Hair dryer 1800 W", hs: "851631", unit: "H87", fenLow: 6900, fenHigh: 29900, gramsLow: 450, grams: 850, cm3: 3600},
	{text: "Coffee grinder, manual", hs: "821000", unit: "H87", fenLow: 6900, fenHigh: 25900, gramsLow: 400, grams: 800, cm3: 1700},
	{text: "Dog harness, nylon", hs: "420100", unit: "H87", fenLow: 1900, fenHigh: 8900, gramsLow: 100, grams: 280, cm3: 800},
}

// variants follow the text of goods, as shops write them.
var variants = []string{
	", black", ", white", ", navy blue", ", pink", ", grey", ", dark green", ", beige", ", red", ", silver", ", transparent",
	", size S", ", size M", ", size L", ", size XL", ", model A12", ", model B7", ", 2026 edition", "",
}

// splitGoods is what a split consignment holds: parcels that say little one by one.
var splitGoods = good{text: "Phone case, TPU, assorted", hs: "392690", unit: "H87", cm3: 150}

// costly goods go to businesses, beyond the value that may go by list.
var costly = []good{
	{text: "Espresso machine, 15 bar", hs: "851671", unit: "H87", fenLow: 69900, gramsLow: 3800, cm3: 14000},
	{text: "Telescope 70 mm with tripod", hs: "900580", unit: "H87", fenLow: 59900, gramsLow: 2500, cm3: 11000},
	{text: "Inverter welding machine", hs: "851531", unit: "H87", fenLow: 89900, gramsLow: 4600, cm3: 13000},
}

// The words of the suspicious share. Screening has to find them; nothing here is for sale.
var (
	vague   = []string{"gift", "GIFT", "goods", "sample", "present"}
	weapons = []good{
		{text: "Airsoft pistol, metal, 6 mm", hs: "930400", unit: "H87", fenLow: 15900, fenHigh: 45900, gramsLow: 700, grams: 1200, cm3: 2600},
		{text: "Tactical crossbow with steel bolts", hs: "950300", unit: "H87", fenLow: 25900, fenHigh: 65900, gramsLow: 1200, grams: 2400, cm3: 8200},
		{text: "Rifle ammunition, dummy rounds", hs: "930630", unit: "SET", fenLow: 9900, fenHigh: 25900, gramsLow: 300, grams: 800, cm3: 500},
		{text: "Brass knuckles", hs: "830629", unit: "H87", fenLow: 2900, fenHigh: 7900, gramsLow: 120, grams: 250, cm3: 180},
	}
)
