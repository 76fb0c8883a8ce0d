package api_test

import (
	"fmt"
	"strings"
)

// order is a declaration that keeps every rule.
const order = `{"order_no":"536365-1","tracking_no":"LX474724577CN","mode":"9610","service":"standard",` +
	`"seller":{"name":"Yiwu Huaxin Trading Co., Ltd.","registration_no":"91650000MA0000001N","country":"CN"},` +
	`"consignee":{"name":"Jane Doe","phone":"+442079460000","email":null,"id_no":null,` +
	`"address":{"country":"GB","region":null,"city":"London","postal_code":"SW1A 1AA","lines":["148 Station Road"]}},` +
	`"currency":"GBP","goods_value":"15.30","freight":"0.00","insurance":"0.00",` +
	`"gross_weight_g":2667,"dimensions_mm":{"length":339,"width":271,"height":169},` +
	`"items":[{"sku":"85123A","description":"WHITE HANGING HEART T-LIGHT HOLDER","hs_code":"940542","origin":"CN",` +
	`"quantity":"6","unit":"H87","unit_price":"2.55","net_weight_g":2442,` +
	`"battery":{"un_number":"UN3481","watt_hours":"12.5","lithium_g":null}}]}`

// numbered is the order under another number.
func numbered(n int) string {
	return strings.Replace(order, "536365-1", fmt.Sprintf("order-%d", n), 1)
}

// with is the order with texts replaced in pairs. A text that is not there is a mistake of the test.
func with(pairs ...string) string {
	changed := order
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(changed, pairs[i]) {
			panic("the order has no " + pairs[i])
		}
		changed = strings.Replace(changed, pairs[i], pairs[i+1], 1)
	}
	return changed
}

// item is the order's line of goods.
func item() string {
	i := strings.Index(order, `{"sku"`)
	return order[i : len(order)-2]
}

func batchOf(orders ...string) string { return `{"parcels":[` + strings.Join(orders, ",") + `]}` }
