# $Password = "Copper#Pipe1"
<# $Token = "n5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs2" #>
param([string]$Password, [string]$Token = "j5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs2")
$AdminPassword = "Solder&Flux44"
$secure = ConvertTo-SecureString "Boiler!Room12" -AsPlainText -Force
$env:API_KEY = 'c5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs3'
Connect-Thing -User plumber -Password "Valve_Seat_90"
Connect-Thing -User plumber -Password $Password
$settings = @{ Password = "Gasket#Ring8"; User = "plumber" }
Write-Host "Password: $AdminPassword"
$Token = Get-Secret -Name plumber-token
