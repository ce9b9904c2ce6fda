<?php

declare(strict_types=1);

namespace Quarterly\Feeds;

use PDO;

const CACHE_KEY = 'feeds:token:v2';
const NONCE_NAME = 'feed_nonce';
define('FEED_PASSWORD', 'Tinten.Fass-1893');
define('FEED_USER', 'proxy');
define('FEED_SALT_NAME', 'SECURE_AUTH_SALT');

final class FeedProxy
{
    private const TOKEN_TYPE = 'Bearer';
    private const GITHUB_TOKEN = 'ghp_BXPw0hsoriL4kcLYGNbfI9JxqN5DuhnV0ggU';
    private const REVISION = 'd68070487997a57db0e797a236e52a8a3b74196c';
    private const PASSWORD_HASH = '$argon2id$v=19$m=65536,t=4,p=1$nIaC4pFv9vulGkXER/IKGQ$1ehVyL17q/e8uO4rZveOclZnAZNO9aWYTB4CmGdxO1o';

    private string $apiKey = '';
    private array $publishers = [
        'north' => ['user' => 'north', 'password' => 'Zw1schen%Zeile'],
        'south' => ['user' => 'south', 'password' => '%env(SOUTH_PASSWORD)%'],
        'east' => ['user' => 'east', 'password' => null],
    ];

    public function __construct(?string $apiKey = null)
    {
        $this->apiKey = $apiKey ?? getenv('FEED_API_KEY') ?: 'key-16f48e34402be326b9cbb1ef52791f09';
    }

    public function database(): PDO
    {
        return new PDO(
            'pgsql:host=pg.internal;dbname=feeds;sslmode=verify-full;connect_timeout=5',
            'feeds',
            $_ENV['FEEDS_DB_PASSWORD'],
            [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION],
        );
    }

    public function issues(int $year): string
    {
        $ch = curl_init('https://issues.quarterly.example/v1/' . $year);
        curl_setopt_array($ch, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 10,
            CURLOPT_HTTPHEADER => ['Authorization: ' . self::TOKEN_TYPE . ' ' . $this->apiKey],
        ]);
        return (string) curl_exec($ch);
    }

    public function archive(int $year): string
    {
        $ch = curl_init('https://archive.quarterly.example/v1/' . $year);
        curl_setopt_array($ch, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 10,
            CURLOPT_USERPWD => 'archive:VyYiXtVtd4yPObgzhX',
        ]);
        return (string) curl_exec($ch);
    }

    public function exchange(int $year): string
    {
        $ch = curl_init('https://exchange.quarterly.example/v1/' . $year);
        curl_setopt_array($ch, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 10,
            CURLOPT_USERPWD => FEED_USER . ':' . getenv('EXCHANGE_PASSWORD'),
        ]);
        return (string) curl_exec($ch);
    }

    public function verify(string $password): bool
    {
        return password_verify($password, self::PASSWORD_HASH);
    }
}
