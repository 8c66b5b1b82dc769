using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sallyport.Approvals;

/// <summary>
/// The <c>webhook-signature</c> of Standard Webhooks 1.0: <c>v1,</c> and base64 of HMAC-SHA256 over <c>id.timestamp.body</c>, keyed
/// with the bytes that stand in base64 behind <c>whsec_</c>.
/// </summary>
internal static class WebhookSignature
{
    /// <summary>Null when the secret is not of that form.</summary>
    public static string? Sign(ReadOnlySpan<byte> secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var prefix = "whsec_"u8;
        if (!secret.StartsWith(prefix))
            return null;
        var encoded = secret[prefix.Length..].TrimEnd("\r\n"u8);
        var key = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        try
        {
            if (Base64.DecodeFromUtf8(encoded, key, out _, out var size) != System.Buffers.OperationStatus.Done || size == 0)
                return null;
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.AsSpan(0, size));
            hmac.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
            hmac.AppendData(body);
            return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
