using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// The member <c>usage</c> where it is written at all: in a stream with <c>include_usage</c> every chunk has it, null but in the last one,
/// and in other streams no chunk has it.
/// </summary>
[JsonConverter(typeof(Converter))]
internal sealed record UsageField(Usage? Value)
{
    /// <summary><c>"usage": null</c>.</summary>
    public static readonly UsageField Null = new((Usage?)null);

    internal sealed class Converter : JsonConverter<UsageField>
    {
        public override UsageField Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("usage is only written");

        public override void Write(Utf8JsonWriter writer, UsageField value, JsonSerializerOptions options)
        {
            if (value.Value is { } usage)
            {
                JsonSerializer.Serialize(writer, usage, OpenAiJson.Wire.Usage);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
