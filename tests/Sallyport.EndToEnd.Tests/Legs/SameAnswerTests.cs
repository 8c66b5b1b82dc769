using System.Buffers.Binary;
using System.Text;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>
/// Nobody learns by trying which logins and resources there are: every refusal is the same, from the first message to the last.
/// </summary>
[Collection(OpenGatewayCollection.Name)]
public sealed class SameAnswerTests
{
    private readonly OpenGateway _open;

    public SameAnswerTests(OpenGateway open) => _open = open;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnUnknownLoginAWrongSecretAndAnUnknownOrForbiddenResourceLookTheSame(bool isTls)
    {
        var wrong = await TranscriptAsync("agent", "wrong", "shop", isTls);

        Assert.Contains("SCRAM-SHA-256", wrong, StringComparison.Ordinal);
        Assert.Contains("28P01 access denied for user \"LOGIN\" to \"RESOURCE\"", wrong, StringComparison.Ordinal);
        Assert.Equal(wrong, await TranscriptAsync("ghost", "wrong", "shop", isTls));
        Assert.Equal(wrong, await TranscriptAsync("agent", ShopGateway.Secret, "nope", isTls));
        Assert.Equal(wrong, await TranscriptAsync("dana", ShopGateway.Secret, "shop", isTls));
    }

    [Fact]
    public async Task WhoeverAnIssuerMayNameIsAskedForATokenWhetherKnownOrNot()
    {
        var token = await _open.Provider.TokenOf("bot-7");
        var wrong = await TranscriptAsync("bot-7", "wrong", "shop", isTls: true);

        Assert.StartsWith("R 3", wrong, StringComparison.Ordinal);
        Assert.Equal(wrong, await TranscriptAsync("bot-9", "wrong", "shop", isTls: true));
        Assert.Equal(wrong, await TranscriptAsync("bot-9", token, "shop", isTls: true));
        Assert.Equal(wrong, await TranscriptAsync("bot-7", token, "nope", isTls: true));
    }

    /// <summary>Everything the gateway says but what is random by design, with the names that the client gave taken out.</summary>
    private async Task<string> TranscriptAsync(string login, string proof, string resource, bool isTls)
    {
        await using var client = await RawPostgresClient.ConnectAsync("127.0.0.1", _open.Gateway.Port);
        if (isTls)
            await client.StartTlsAsync(_open.RootCertificate);
        await client.SendAsync(Messages.Startup(Messages.ProtocolThreeZero, ("user", login), ("database", resource)));
        var scram = new ScramClient(proof);
        var said = new StringBuilder();
        while (true)
        {
            var message = await client.ReadAsync();
            if (message.Type == 'E')
            {
                var words = string.Join(' ', "VCMDH".Select(message.Field));
                said.Append("E ").Append(words.Replace($"\"{login}\"", "\"LOGIN\"", StringComparison.Ordinal)
                    .Replace($"\"{resource}\"", "\"RESOURCE\"", StringComparison.Ordinal));
                Assert.True(await client.IsClosedByServerAsync());
                return said.ToString();
            }
            var method = BinaryPrimitives.ReadInt32BigEndian(message.Body);
            var data = Encoding.UTF8.GetString(message.Body.AsSpan(4));
            said.Append(message.Type).Append(' ').Append(method).Append(' ')
                .Append(method == 11 ? $"{data.Length} {data[^7..]}" : data).Append('\n');
            switch (method)
            {
                case 3:
                    await client.SendAsync(Messages.Message('p', Messages.CString(proof)));
                    break;
                case 10:
                    var first = Encoding.UTF8.GetBytes(scram.First);
                    await client.SendAsync(Messages.Message('p', Messages.CString("SCRAM-SHA-256"), Messages.Int32(first.Length), first));
                    break;
                default:
                    await client.SendAsync(Messages.Message('p', Encoding.UTF8.GetBytes(scram.Final(data))));
                    break;
            }
        }
    }
}
