using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// The beginnings of a prompt, each as one number: of its first block of text, of its first two, and so on. Prompts that begin alike have the
/// same first numbers. Texts are hashed as they stand in the request's JSON, as tokens are known to instances only.
/// </summary>
internal static class PromptPrefix
{
    /// <summary>Bytes of a block: some 64 tokens, four pages of an instance's own prefix cache.</summary>
    public const int BlockBytes = 256;

    /// <summary>Blocks that are looked at: two prompts that are alike for so long are alike enough.</summary>
    public const int MaxBlocks = 128;

    /// <param name="model">Which model is asked: another one has other caches.</param>
    /// <param name="request">The request's body.</param>
    /// <returns>One number for each full block.</returns>
    public static IReadOnlyList<ulong> Of(string model, JsonElement request)
    {
        var blocks = new Blocks(model);
        if (request.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array)
        {
            foreach (var message in messages.EnumerateArray())
            {
                blocks.Add(message, "role");
                blocks.Add(message, "content");
            }
        }
        else if (request.TryGetProperty("prompt", out var prompt))
        {
            blocks.Add(JsonMarshal.GetRawUtf8Value(prompt));
        }

        return blocks.Found;
    }

    private sealed class Blocks(string model)
    {
        private ulong _state = StableHash.Add(StableHash.Start, Encoding.UTF8.GetBytes(model));
        private int _bytes;

        public List<ulong> Found { get; } = [];

        public void Add(JsonElement parent, string name)
        {
            if (parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value))
            {
                Add(JsonMarshal.GetRawUtf8Value(value));
            }
        }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty && Found.Count < MaxBlocks)
            {
                var part = bytes[..Math.Min(bytes.Length, BlockBytes - _bytes)];
                _state = StableHash.Add(_state, part);
                _bytes += part.Length;
                bytes = bytes[part.Length..];
                if (_bytes == BlockBytes)
                {
                    Found.Add(StableHash.Mix(_state));
                    _bytes = 0;
                }
            }
        }
    }
}
