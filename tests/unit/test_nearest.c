#include "base/nearest.h"

#include <stddef.h>

#include "tap.h"

int
main(void)
{
    static const char *const tables[] = {"orders", NULL,    "customers", "order_items",
                                         "Users",  "posts", "posters"};
    const size_t n_tables = sizeof(tables) / sizeof(tables[0]);

    is_str(nearest_find("order", tables, n_tables), "orders", "a letter is missing");
    is_str(nearest_find("orderss", tables, n_tables), "orders", "a letter too many");
    is_str(nearest_find("costumers", tables, n_tables), "customers", "wrong letters");
    is_str(nearest_find("usres", tables, n_tables), "Users", "swapped letters are near");
    is_str(nearest_find("ORDER_ITEM", tables, n_tables), "order_items",
           "case is of no importance");
    is_str(nearest_find("poster", tables, n_tables), "posters",
           "of two the nearer one is named");
    is_str(nearest_find("postes", tables, n_tables), "posts", "the first of equals wins");
    is_str(nearest_find("posts", tables, n_tables), "posts", "the name itself is found");
    is_str(nearest_find("invoices", tables, n_tables), NULL, "nothing is near enough");
    is_str(nearest_find("or", tables, n_tables), NULL, "a short word is not stretched");
    is_str(nearest_find("", tables, n_tables), NULL, "an empty word is near nothing");
    is_str(nearest_find("orders", tables, 0), NULL, "there may be no candidate");
    return done_testing();
}
