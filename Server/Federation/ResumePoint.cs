using System.Text.Json;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Where a reply is to be gone on with: a member <c>managedswarm_resume</c> of the request, which only other members of the swarm may send.
/// </summary>
/// <param name="Identity">What the chunks before have in common; see <see cref="PeerHeaders.Reply"/>.</param>
/// <param name="Tokens">The reply's tokens so far.</param>
/// <param name="TextLength">How long the text is that was sent of them, in UTF-16 characters.</param>
internal sealed record ResumePoint(string Identity, IReadOnlyList<int> Tokens, int TextLength)
{
    public const string Member = "managedswarm_resume";

    /// <summary>A request's body with this as its first member.</summary>
    /// <param name="body">A JSON object that has at least one member.</param>
    public ReadOnlyMemory<byte> AddTo(ReadOnlyMemory<byte> body)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject(Member);
            json.WriteString("identity", Identity);
            json.WriteNumber("text_length", TextLength);
            json.WriteStartArray("tokens");
            foreach (var token in Tokens)
            {
                json.WriteNumberValue(token);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        // In the place of this object's end stands a comma, and in that of the other's begin nothing.
        stream.SetLength(stream.Length - 1);
        stream.WriteByte((byte)',');
        stream.Write(body.Span[(body.Span.IndexOf((byte)'{') + 1)..]);
        return stream.ToArray();
    }

    /// <summary>Reads the member of a request.</summary>
    /// <returns>Null: it has none.</returns>
    /// <exception cref="ApiException">It is not as it should be.</exception>
    public static ResumePoint? Read(JsonParameters request)
    {
        if (request.Object(Member) is not { } point)
        {
            return null;
        }

        var identity = point.Text("identity") ?? throw OpenAiErrors.Missing(point.PathOf("identity"), "a string");
        var textLength = point.Integer("text_length", 0, int.MaxValue) ?? throw OpenAiErrors.Missing(point.PathOf("text_length"), "a whole number");
        var tokens = point.Array("tokens") ?? throw OpenAiErrors.Missing(point.PathOf("tokens"), "an array of tokens");
        point.End();
        return new(identity, [.. tokens.EnumerateArray().Select(token => ReadToken(token, point.PathOf("tokens")))], (int)textLength);
    }

    // Which of them the model has is the engine's to say.
    private static int ReadToken(JsonElement token, string path) => token.ValueKind == JsonValueKind.Number && token.TryGetInt32(out var id) && id >= 0
        ? id
        : throw OpenAiErrors.WrongType(path, "an array of tokens", Describe.Found(token));
}
