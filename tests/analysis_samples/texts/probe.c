#include <curl/curl.h>
#define DB_PASSWORD "Salt&Brine2020"
#define PASSWORD_MAX 64
#define TOKEN_PREFIX "tok"
static const char api_key[] = "v3Zr8qLk0TnX4bWc7Yd1mPe5Gh9Js2Fa";
static char password[64] = "";
const char *secret_file = "/etc/brine/secret";
/* static const char *password = "Oyster-1990"; */
int main(void) {
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_USERPWD, "diver:Abalone!77");
    curl_easy_setopt(curl, CURLOPT_PASSWORD, getenv("DIVER_PASSWORD"));
    mysql_real_connect(db, "db.brine.example", "diver", "Kelp+Forest5", "tanks", 0, NULL, 0);
    if (strcmp(password, "Barnacle#12") == 0) return 1;
    printf("password: %s\n", password);
    fprintf(stderr, "wrong token: '%s'\n", token);
    return 0;
}
