using Microsoft.Extensions.Logging;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Session;

/// <summary>What every PostgreSQL session uses; one for the process.</summary>
public sealed record PostgresServices(
    ISessionOpener Sessions,
    IIdentityVerifier Identity,
    IDecider Decider,
    IApprovalBroker Approvals,
    ITextMasker Masker,
    SqlReader Sql,
    UpstreamConnector Upstreams,
    CatalogueCache Catalogues,
    CancelRegistry Cancels,
    BudgetLedger Budgets,
    PostgresSessionOptions Options,
    TimeProvider Time,
    ILoggerFactory Logs);
