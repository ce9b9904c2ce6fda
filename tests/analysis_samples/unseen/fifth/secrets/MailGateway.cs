using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading.Tasks;
using Microsoft.Extensions.Configuration;

namespace Observatory.Mail;

public sealed class MailGatewayOptions
{
    public const string Section = "MailGateway";
    public const string PasswordKey = "MailGateway:Password";
    public string ApiKey { get; set; } = string.Empty;
    public string Password { get; set; } = "";
    public string? ClientSecret { get; set; }
    public string TokenEndpoint { get; set; } = "https://id.mail.example/oauth2/token";
}

public sealed class MailGateway
{
    private const string FallbackApiKey = "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";
    private const string SigningThumbprint = "7ec7572a18d65a1f40f81826959e76331d092361";
    private static readonly Guid TenantId = Guid.Parse("31b1f97b-e5b9-4d2a-a92e-aaadfa8ad651");
    private static readonly string StorageConnection =
        "DefaultEndpointsProtocol=https;AccountName=mailblobs;AccountKey=G5XfqH3gl3estnzqZUrpIwFiDFL19yOdBdEiOek75jkT7LOZZxAgaATu0HVIJlL1t0b8EA8TWQ7iLJeb3QUbIn==;EndpointSuffix=core.windows.net";
    private static readonly string DevelopmentStorage = "UseDevelopmentStorage=true";
    private static readonly string Reports = "Server=sql.mail.example;Database=reports;Integrated Security=true;Encrypt=true";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly MailGatewayOptions _options;

    public MailGateway(IConfiguration configuration)
    {
        _options = new MailGatewayOptions
        {
            ApiKey = configuration["MailGateway:ApiKey"] ?? FallbackApiKey,
            Password = Environment.GetEnvironmentVariable("MAIL_PASSWORD") ?? "",
            ClientSecret = configuration.GetValue<string>("MailGateway:ClientSecret"),
        };
    }

    public static MailGatewayOptions ForNewsletter() => new()
    {
        ApiKey = Environment.GetEnvironmentVariable("NEWSLETTER_KEY")!,
        Password = "Milchstrasse#Arm3-Orion",
        ClientSecret = null,
    };

    public async Task SendAsync(string subject, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://api.mail.example/v3/send");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiKey);
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["subject"] = subject, ["text"] = text });
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public async Task<string> StatusAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://status.mail.example/api");
        request.Headers.Add("X-Service-Token", "NRAK-0ITO1NZRSFPR1CMJAL3DXQFSKN9");
        using var response = await _http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    public string PasswordPrompt(bool again) => again ? "Repeat password" : "Password";

    public bool IsPlaceholder(string secret) =>
        secret is "changeme" or "<secret>" or "YOUR_API_KEY" || secret.Length == 0;

    public override string ToString() =>
        $"{TenantId} {SigningThumbprint} {DevelopmentStorage} {Reports.Length} {StorageConnection.Length} {MailGatewayOptions.PasswordKey}";
}
