<?php
// define('OLD_PASSWORD', 'Bakery#1999');
# $password = 'Bakery#1998';
define('DB_PASSWORD', 'Rye&Spelt2023');
define('DB_NAME', 'bakery');
define('AUTH_KEY', 'put your unique phrase here');
define('SECURE_AUTH_KEY', 'n%2Vq8!zL0rT#xW4bKc7Yd1mPe5Gh9Js');
const STRIPE_WEBHOOK_SECRET_NAME = 'bakery/stripe';

class Oven
{
    private string $password = 'Flour!Dust55';
    public $passwordField = 'password';
    private ?string $token = null;
    protected $casts = ['password' => 'hashed', 'token' => 'encrypted'];
    protected $hidden = ['password', 'remember_token'];
    private array $rules = ['password' => 'required|min:12|confirmed'];

    public function connect(): PDO
    {
        return new PDO('mysql:host=db.bakery.example;dbname=orders', 'baker', 'Crust+Crumb7');
    }

    public function other(): mysqli
    {
        return mysqli_connect($this->host, 'baker', getenv('DB_PASSWORD'));
    }

    public function options(): array
    {
        return [
            'api_key' => 'b7Qm3xTz9LkVw2Rn8YpD4sHc6JgF1aEu',
            'secret' => env('APP_SECRET', 'Sourdough*Starter9'),
            'token' => "{$this->token}",
            'password' => "$password",
            'password_hash' => '$2y$12$9w0kQ2pYc7Xz1mN4vB6tLuE8rS5dF3gH0jK2lZ4xC6vB8nM1qW3eR',
        ];
    }

    public function seal(string $text): string
    {
        $iv = random_bytes(16);
        return openssl_encrypt($text, 'aes-256-cbc', 'oven-key-4f9a2c7e81', 0, $iv);
    }

    public function header($ch): void
    {
        curl_setopt($ch, CURLOPT_USERPWD, 'baker:Croissant!88');
        curl_setopt($ch, CURLOPT_HTTPHEADER, ['Authorization: Bearer kT9vXq2LmZ8rWc4YbN7dPf1GhJ6sEa3U']);
        $_SESSION['token'] = bin2hex(random_bytes(32));
    }

    public function errors(): array
    {
        return ['password' => 'The password is wrong.', 'token' => 'Token-abgelaufen'];
    }
}
