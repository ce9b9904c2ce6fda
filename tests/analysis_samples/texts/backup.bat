@echo off
rem set DB_PASSWORD=Stone!Mill1
:: set DB_PASSWORD=Stone!Mill2
set DB_PASSWORD=Stone!Mill33
set "API_TOKEN=d5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs4"
set PASSWORD_FILE=C:\secrets\mill.txt
set TOKEN=%MILL_TOKEN%
net use Z: \\mill\flour /user:miller %DB_PASSWORD%
