-- CREATE USER old IDENTIFIED BY 'Moss&Fern1';
CREATE USER gardener IDENTIFIED BY 'Moss&Fern22';
ALTER ROLE gardener WITH PASSWORD 'Peat!Bog9';
CREATE TABLE users (id int, password varchar(255) NOT NULL DEFAULT '', token text);
UPDATE settings SET api_key = 'k5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs1' WHERE id = 1;
UPDATE users SET password = '$2y$12$9w0kQ2pYc7Xz1mN4vB6tLuE8rS5dF3gH0jK2lZ4xC6vB8nM1qW3eR';
SELECT * FROM users WHERE password = :password AND token = ?;
