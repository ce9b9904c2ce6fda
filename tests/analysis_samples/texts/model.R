# password <- "Birch&Elm1"
password <- "Birch&Elm22"
con <- dbConnect(Postgres(), user = "ranger", password = "Maple!Sap5")
Sys.setenv(API_KEY = "t5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs9")
token <- Sys.getenv("TOKEN")
