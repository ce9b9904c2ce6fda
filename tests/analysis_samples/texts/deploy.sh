#!/bin/sh
# DB_PASSWORD=Spindle&Wool1
set -eu
export DB_PASSWORD='Loom!Shuttle9'
API_TOKEN=t6Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf5Gs2
REGISTRY_PASSWORD="${REGISTRY_PASSWORD:?}"
CACHE_PASSWORD=${CACHE_PASSWORD:-Bobbin_Thread_3}
TOKEN=$(cat /run/secrets/token)
SECRET_ID=weaving/db
PASSWORD_FILE=/run/secrets/password
export TOKEN_TTL=3600
read -r -p "Password: " password
cat > /etc/loom.conf <<CONF
user = weaver
password = Warp&Weft2024!
token = $API_TOKEN
CONF
curl -H "X-Api-Key: y4Kd9Lx3Qz7Wv1Nb8Mc2Rt6Yp5Hg0Jfs" https://loom.example/status
curl -u "weaver:$DB_PASSWORD" https://loom.example/stock
mysql -u weaver -p"$DB_PASSWORD" stock
psql "postgresql://weaver:Heddle*Reed77@db.loom.example/stock"
aws secretsmanager get-secret-value --secret-id loom/db
echo "usage: deploy.sh --password PASSWORD --token TOKEN"
