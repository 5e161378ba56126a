using System.Security.Cryptography;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>
/// A key of this program's own, made at its start and known to nobody else: pages ask the API with it for those who have signed in, whose own
/// keys are not kept.
/// </summary>
internal sealed class OwnKey
{
    private const int Bytes = 32;

    public OwnKey() => Key = new ApiKey(Text);

    /// <summary>A secret; it never leaves this machine.</summary>
    public string Text { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    public ApiKey Key { get; }
}
