using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Writes whole JSON answers.</summary>
internal static class JsonAnswer
{
    public static Task WriteAsync<T>(HttpContext http, int status, T value, JsonTypeInfo<T> type) =>
        WriteAsync(http, status, JsonSerializer.SerializeToUtf8Bytes(value, type));

    public static async Task WriteAsync(HttpContext http, int status, byte[] json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }

    public static Task WriteErrorAsync(HttpContext http, ApiError error)
    {
        if (error.RetryAfter is { } wait)
        {
            // Whole seconds (RFC 9110, 10.2.3), and none would mean at once.
            http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(http, error.Status, BodyOf(error), OpenAiJson.Wire.ErrorResponse);
    }

    public static ErrorResponse BodyOf(ApiError error) => new(new(error.Message, error.Type, error.Param, error.Code), error.Loading);
}
