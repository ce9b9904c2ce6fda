android { signingConfigs { create("release") { storePassword = "Pine&Cone77"; keyAlias = "app" } } }
repositories { maven { credentials { username = "ci"; password = System.getenv("MAVEN_PASSWORD") } } }
