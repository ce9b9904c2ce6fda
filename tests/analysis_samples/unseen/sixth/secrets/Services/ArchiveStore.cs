using System;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Configuration;

namespace Alpenverein.Huts.Services;

public sealed class ArchiveOptions
{
    public const string SecretName = "huts-archive";
    public string Password { get; set; } = "";
    public string ApiKey { get; set; } = "6Rr0qCo2H1wXR1dOFQU7f54fspagglZbDxCK";
    public string ApiKeyHeader { get; set; } = "Ocp-Apim-Subscription-Key";
    public string TenantId { get; set; } = "bad7d604-252e-42ae-a1d2-c404b689a9c9";
    public string PublicKeyToken { get; set; } = "c1fb33f8f2c1663f";
    public string Thumbprint { get; set; } = "013a8b040c2b9d22686eebef413b6a5cbec0e22e";
}

public sealed class ArchiveStore
{
    private const string Storage =
        "https://hutsarchive.blob.core.windows.net";

    private const string LegacyStorage = "DefaultEndpointsProtocol=https;AccountName=hutsarchive;AccountKey=4I9jVhya2mcs9aeVMW5TKu9yK/g4AG6WJBliHNz5i+9Inh5LeYaZCNsXDXLb25ZCyjmf4ZsocfrAm9sg7qjvJM==;EndpointSuffix=core.windows.net";

    private readonly IConfiguration _config;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };

    public ArchiveStore(IConfiguration config) => _config = config;

    public BlobServiceClient Managed() => new(new Uri(Storage), new DefaultAzureCredential());

    public BlobServiceClient Legacy() => new(LegacyStorage);

    public SqlConnection Bookings()
    {
        var b = new SqlConnectionStringBuilder
        {
            DataSource = "sql.internal",
            InitialCatalog = "bookings",
            UserID = "huts",
            Password = _config["Bookings:Password"],
            Encrypt = true,
            ConnectTimeout = 5,
        };
        return new SqlConnection(b.ConnectionString);
    }

    public SqlConnection Invoices()
    {
        var b = new SqlConnectionStringBuilder
        {
            DataSource = "sql.internal",
            InitialCatalog = "invoices",
            UserID = "huts",
            Password = "Gipfel&Kreuz-2962",
            Encrypt = true,
            ConnectTimeout = 5,
        };
        return new SqlConnection(b.ConnectionString);
    }

    public SqlConnection Reports() =>
        new("Server=sql.internal;Database=reports;User Id=reports;Password=iqKDe01hbovBSk3wUX;Encrypt=True;TrustServerCertificate=False;Connect Timeout=5");

    public SqlConnection Weather() =>
        new($"Server=sql.internal;Database=weather;User Id=weather;Password={Environment.GetEnvironmentVariable("WEATHER_PASSWORD")};Encrypt=True;TrustServerCertificate=False;Connect Timeout=5");

    public byte[] Sign(string text)
    {
        using var mac = new HMACSHA256(Convert.FromBase64String("lxbJee2qv7mdZyT968MUDbthg+Y+JCKC3Avl5tSrJr/="));
        return mac.ComputeHash(Encoding.UTF8.GetBytes(text));
    }

    public byte[] SignWithConfig(string text)
    {
        using var mac = new HMACSHA256(Convert.FromBase64String(_config["Archive:SigningKey"]!));
        return mac.ComputeHash(Encoding.UTF8.GetBytes(text));
    }

    public async Task<string> Occupancy(int hut)
    {
        using var req = new HttpRequestMessage(HttpMethod.Get, $"https://occupancy.alpenverein.example/{hut}");
        req.Headers.Add("X-Token-Kind", "machine");
        req.Headers.Add("X-Access-Token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJzdmMtNzQ3Iiwic2NvcGUiOiJ3cml0ZSIsImlhdCI6MTcwMjcxMzc1N30.E_Xu4lxV89q6ieroQZQhmCSk-V-NamiqEDl7ukS2nP4");
        using var res = await _http.SendAsync(req);
        return await res.Content.ReadAsStringAsync();
    }

    public string Prompt(bool wrong) => wrong ? "Password is wrong" : "Password: ";
}
