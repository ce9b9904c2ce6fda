<?php

declare(strict_types=1);

namespace Snowfield\Notify;

use PDO;
use RuntimeException;

final class SmsGateway
{
    private const SENDER = 'snowfield-rescue';
    private const API_SECRET = 'u8Xw2QmZr5Tk9LbVh3Ncy7Jd4Gs6Pf1A';
    private const PASSWORD_FIELD = 'password';
    private const TOKEN_PATTERN = '/^[A-Za-z0-9_-]{20,}$/';
    private const PLACEHOLDER = 'your-secret-here';
    private const AVALANCHE_HASH = '681718745416b23416ddd2b86d05cb02a5ea0ac6fd95ed7aac2889eb614b6225';

    private array $settings = [
        'host' => 'sms.snowfield.example',
        'user' => 'rescue',
        'password' => 'NHEJtjeJKtX!263ovj',
        'token_lifetime' => 3600,
        'secret_path' => '/run/secrets/sms',
    ];

    private array $defaults = [
        'host' => 'sms.snowfield.example',
        'user' => '',
        'password' => '',
        'secret' => null,
    ];

    public function __construct(private readonly string $secret)
    {
        if ($secret === '' || $secret === self::PLACEHOLDER) {
            throw new RuntimeException('The secret of the gateway is missing');
        }
    }

    public static function fromEnvironment(): self
    {
        return new self((string) getenv('SMS_GATEWAY_SECRET'));
    }

    public function database(): PDO
    {
        return new PDO('pgsql:host=db.snowfield.example;dbname=alerts;sslmode=verify-full', 'alerts', getenv('ALERTS_DB_PASSWORD') ?: '');
    }

    public function archive(): PDO
    {
        return new PDO('pgsql:host=archive.snowfield.example;dbname=alerts;sslmode=verify-full', 'alerts', 'Lawinenhang-Sued_1999');
    }

    public function headers(): array
    {
        $token = $_ENV['SMS_TOKEN'] ?? '';
        return [
            'Authorization: Bearer ' . $token,
            'X-Password-Field: ' . self::PASSWORD_FIELD,
        ];
    }

    public function webhookHeaders(): array
    {
        return [
            'Authorization: token ghp_lqbGaNaZeKEyrCu61ECRpleP9NCh6n59yEKn',
            'Content-Type: application/json',
        ];
    }

    public function messages(): array
    {
        return [
            'password.label' => 'Password',
            'password.reset' => 'Your password has been reset',
            'token.expired' => 'The token has expired',
            'secret.hint' => 'Tell nobody the secret of your account',
        ];
    }

    public function legacyHash(): string
    {
        return '$2y$12$QjSH496pcT5CEbzjD/vtVeH03tfHKFy36d4J0Ltp3lRtee9HDxY3K';
    }

    public function valid(string $token): bool
    {
        return preg_match(self::TOKEN_PATTERN, $token) === 1 && strlen(self::AVALANCHE_HASH) === 64;
    }

    public function summary(): string
    {
        return implode(',', array_keys($this->settings + $this->defaults)) . strlen(self::SENDER . self::API_SECRET . $this->secret);
    }
}
