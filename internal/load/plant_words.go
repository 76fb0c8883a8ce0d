package load

// What the planted orders describe. Screening has to find them; nothing here is for sale.
var (
	prohibitedEN = []string{
		"Hunting crossbow 150 lb with bolts", "Air rifle 5.5 mm, break barrel", "Expandable steel baton and stun gun", "Glock 19 slide, black",
		"Airsoft pistol, full metal", "Pepper spray 60 ml, keychain", "Set of brass knuckles", "Switchblade stiletto 9 inch", "Rifle suppressor, 5.56",
		"Shotgun shells 12 gauge, 25 pcs", "Hand grenade, deactivated", "Electric detonators, 10 pcs", "Smokeless powder 1 lb", "Signal flares, red, 4 pcs",
		"Crystal meth 5 g", "Ketamine powder", "Cannabis seeds, feminized", "Oxycodone 30 mg tablets", "PMK glycidate, 1 kg", "Potassium cyanide, 100 g",
		"Carved elephant ivory bangle", "Rhino horn powder", "Pangolin scales, 500 g", "Dried seahorses, grade A", "Tiger bone wine", "Hawksbill turtle shell comb",
		"Excavated bronze vessel", "Genuine Ming dynasty vase", "Counterfeit euro banknotes", "Fake passport, blank", "GPS jammer, 12 V", "Mobile phone jammer 4G",
		"Thermal imaging scope, 640 px", "Night vision goggles, gen 3", "Dysprosium oxide 99.9 %", "Gallium metal 99.99 %, 1 kg", "Agricultural drone, 30 l",
		"Neodymium magnets N52, 50 x 25 mm", "Replica Rolex Submariner", "Trenbolone acetate, 10 ml", "Uranium ore sample",
	}
	prohibitedZH = []string{
		"狩猎弩 150磅", "仿真手枪 全金属", "高压气枪 5.5mm", "警用电棍", "防身辣椒水 60ml", "钢制指虎", "自动弹簧刀", "猎枪子弹 25发", "电雷管 10发", "黑火药 500克",
		"手榴弹 训练用", "冰毒", "大麻种子", "氯胺酮粉", "芬太尼贴片", "胡椒基甲基酮", "氰化钾 100克", "象牙雕佛像", "犀牛角粉", "穿山甲鳞片", "虎骨酒", "干海马 500克",
		"出土青铜器文物", "恐龙蛋化石", "假钞 欧元", "假护照", "手机信号屏蔽器", "伪基站设备", "热成像瞄准镜", "军用夜视仪", "氧化镝 99.9%", "金属镓", "植保无人机 30升",
		"钕铁硼强力磁铁", "高仿劳力士手表", "浓缩铀", "针孔摄像头 窃听器", "加密电话", "烟花鞭炮", "黄金金条 100克",
	}
	prohibitedRU = []string{
		"Арбалет охотничий 150 фунтов", "Пневматическая винтовка 5,5 мм", "Электрошокер-дубинка", "Перцовый баллончик 60 мл", "Кастет стальной", "Выкидной нож",
		"Глушитель для винтовки", "Охотничьи патроны 12 калибра", "Ручная граната Ф-1", "Электродетонаторы", "Бездымный порох", "Фейерверки", "Метамфетамин",
		"Семена конопли", "Кетамин порошок", "Цианид калия", "Бивень слона резной", "Рог носорога", "Кости тигра", "Шкура тигра", "Старинная икона XIX века",
		"Фальшивые купюры евро", "Поддельный паспорт", "Глушилка GPS", "Подавитель сигнала", "Тепловизор прицел", "Прибор ночного видения", "Оксид диспрозия",
		"Сельскохозяйственный дрон", "Неодимовые магниты", "Ядерное топливо", "Скрытая камера-ручка",
	}
	prohibitedCodes = []struct{ text, hs string }{
		{"Metal model, collector's piece", "930200"}, {"Sporting article, 4.5 mm", "930400"}, {"Hunting accessories", "930630"}, {"Steel decoration for the wall", "930700"},
		{"Festive article", "360410"}, {"Carved bangle, natural", "960110"}, {"Horn handle blanks", "050790"}, {"Ornament, very old", "970610"},
		{"Collector's item", "970510"}, {"Fine powder, 1 kg", "284690"}, {"Metal lumps", "280530"}, {"Grain, 100 g", "710812"},
		{"Ring blocks, coated", "850511"}, {"Aerial camera with propellers", "880622"}, {"Reagent, bottle", "283711"}, {"Dried leaves", "121130"},
		{"Plant extract", "293972"}, {"Paper notes, set", "490700"}, {"Laboratory source", "284440"}, {"Optical tube for mounting", "901310"},
	}
	sayNothing = []string{
		"gift", "GIFT", "goods", "sample", "Samples", "parts", "Accessories", "merchandise", "other goods", "daily necessities", "N/A", "12345",
		"礼品", "样品", "货物", "日用品", "配件", "其他物品", "подарок", "товары", "образцы", "запчасти", "разное",
	}
)
