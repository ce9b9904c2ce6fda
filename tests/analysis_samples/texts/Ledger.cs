using System.Net;
namespace Orchard;

/* const string Password = "Pear&Plum2001"; */
public class Ledger
{
    private const string ConnectionString = "Server=sql.orchard.example;Database=ledger;User Id=picker;Password=Apple!Core19;Encrypt=true";
    private const string Safe = "Server=sql.orchard.example;Database=ledger;Integrated Security=true";
    private readonly string apiKey = "Zx8Qv3Lm0Tn6Rb2Wc9Yd4Kp7Hs1Jf5Ga";
    public string Password { get; set; } = "Cider_Press_77";
    public string Token { get; set; } = "";
    public string SecretName { get; set; } = "orchard-ledger";
    private static readonly Guid ClientId = new("8a0b7c61-52de-4f0b-9a3c-1d2e3f405162");
    [JsonPropertyName("password")] public string? Pass { get; set; }

    public NetworkCredential Login() => new NetworkCredential("picker", "Ladder#Rung4");

    public SymmetricSecurityKey Key() =>
        new SymmetricSecurityKey(Encoding.UTF8.GetBytes("orchard-signing-key-of-2020-please-rotate"));

    public string FromVault(IConfiguration configuration) =>
        configuration["Orchard:Password"] ?? "Windfall*2022";

    public string FromEnvironment() => Environment.GetEnvironmentVariable("ORCHARD_TOKEN") ?? throw new InvalidOperationException("no token");

    public void Send(HttpClient client)
    {
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "p4Wn8Zt2Qx6Lr0Vk3Mb7Yc9Hd1Jf5Gs");
        client.DefaultRequestHeaders.Add("X-Api-Key", "a9Kd4Lx7Qz2Wv8Nb3Mc6Rt1Yp5Hg0Jf");
        client.DefaultRequestHeaders.Add("X-Request-Token", Guid.NewGuid().ToString());
    }

    public bool Check(string password) => password == "harvest-2019!";

    public string Label => "Password:";
    public const string PasswordKey = "Orchard:Password";
}
