package shop;

import java.sql.Connection;
import java.sql.DriverManager;

class Config {
    private static final String API_KEY = "b7Kz92LqWx41MnVt83RcYp65";
    private static final String API_KEY_NAME = "x-api-key-1";
    private static final String PASSWORD_FIELD = "password1";

    Connection open(String password) throws Exception {
        return DriverManager.getConnection("jdbc:postgresql://db/shop?user=shop&password=Zk29wQm8");
    }
}
