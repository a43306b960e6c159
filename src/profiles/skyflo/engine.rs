//! The values of the engine, of its secrets, and of the language model that it uses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::profiles::availability::Autoscaling;
use crate::profiles::forms::{Count, Namespace, ObjectName};
use crate::profiles::network::InsideService;
use crate::profiles::pod::{Environment, Image, Probes, Workload};
use crate::profiles::scalar::{BoolText, IntText, Secret};

/// The engine, which runs the agent.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Engine {
    /// The engine's image.
    pub image: Option<Image>,
    // Two pods that start together migrate at once; the original has the same race.
    /// How many pods there are, unless `autoscaling` is enabled. Each one migrates the database when it starts.
    pub replicas: Option<Count>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    /// The Service before the pods. It is never reachable from outside the cluster: the proxy leads there.
    pub service: Option<InsideService>,
    /// Settings that are not secret: the engine's ConfigMap.
    pub config: Option<EngineConfig>,
    /// The language model, its keys and the engine's own secrets.
    pub secrets: Option<EngineSecrets>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: Probes,
    /// What all components have.
    #[serde(flatten)]
    pub workload: Workload,
}

/// The settings of the engine.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EngineConfig {
    /// The application's name; becomes `APP_NAME`.
    #[schemars(length(min = 1))]
    pub app_name: Option<String>,
    /// The application's description; becomes `APP_DESCRIPTION`.
    #[schemars(length(min = 1))]
    pub app_description: Option<String>,
    /// Whether the engine says more than it should in production; becomes `DEBUG`.
    pub debug: Option<BoolText>,
    // A constant rather than no setting at all: values files that were written for the original have it.
    /// The path of the API; becomes `API_V1_STR`. Probes, proxy and user interface expect `/api/v1`.
    #[serde(rename = "apiV1Str")]
    #[schemars(extend("const" = "/api/v1"))]
    pub api_v1_str: Option<String>,
    /// How much is logged; becomes `LOG_LEVEL`.
    pub log_level: Option<String>,
    /// Whether requests are limited; becomes `RATE_LIMITING_ENABLED`.
    pub rate_limiting_enabled: Option<BoolText>,
    /// How many requests a client may send each minute; becomes `RATE_LIMIT_PER_MINUTE`.
    pub rate_limit_per_minute: Option<IntText>,
    /// How tokens are signed; becomes `JWT_ALGORITHM`.
    pub jwt_algorithm: Option<String>,
    /// How long an access token lives, in minutes; becomes `JWT_ACCESS_TOKEN_EXPIRE_MINUTES`.
    pub jwt_access_token_expire_minutes: Option<IntText>,
    /// How long a refresh token lives, in days; becomes `JWT_REFRESH_TOKEN_EXPIRE_DAYS`.
    pub jwt_refresh_token_expire_days: Option<IntText>,
    /// How many steps the agent may take for one request; becomes `LLM_MAX_ITERATIONS`.
    pub llm_max_iterations: Option<IntText>,
}

/// The language model, its keys and the engine's own secrets.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct EngineSecrets {
    // Without `JWT_SECRET` the engine would start with a secret that stands in its source, and without `REDIS_URL` with
    // one on its own host. So the template refers to each key by itself, and a pod without one does not start.
    /// A Secret that holds the keys under the names of their variables, instead of a rendered one: `JWT_SECRET`,
    /// the model's key, `LLM_MODEL` unless `llmModel` is set, and `REDIS_URL` and `POSTGRES_DATABASE_URL` for
    /// external stores that the values say nothing about.
    pub existing_secret: Option<ObjectName>,
    /// Signs the sessions' tokens; becomes `JWT_SECRET`.
    #[schemars(extend("x-generate" = json!({ "length": 32, "as": "alphanumeric" })))]
    pub jwt_secret: Option<Secret>,
    /// The language model as `provider/model`, such as `openai/gpt-4o`; becomes `LLM_MODEL`.
    pub llm_model: Option<String>,
    /// The address of a model server of your own; becomes `LLM_HOST`.
    pub llm_host: Option<String>,
    /// The address of the MCP server; becomes `MCP_SERVER_URL`. Empty means the bundled one.
    pub mcp_server_url: Option<String>,
    /// The namespace of the Secrets of integrations; becomes `INTEGRATIONS_SECRET_NAMESPACE`. Empty means the release's.
    pub integrations_secret_namespace: Option<Namespace>,
    // These three are lost in the original unless the database is external.
    /// How hard the model thinks; becomes `LLM_REASONING_EFFORT`.
    #[schemars(extend("enum" = ["", "low", "medium", "high", "default"]))]
    pub llm_reasoning_effort: Option<String>,
    /// How many tokens the model may think; becomes `LLM_THINKING_BUDGET_TOKENS`.
    pub llm_thinking_budget_tokens: Option<IntText>,
    /// How many tokens an answer may have; becomes `LLM_MAX_TOKENS`.
    #[schemars(extend("minimum" = 1, "pattern" = "^$|^0*[1-9][0-9]*$"))]
    pub llm_max_tokens: Option<IntText>,
    /// The id of the AWS key for Bedrock; becomes `AWS_ACCESS_KEY_ID`.
    pub aws_access_key_id: Option<Secret>,
    /// The AWS key for Bedrock; becomes `AWS_SECRET_ACCESS_KEY`.
    pub aws_secret_access_key: Option<Secret>,
    /// The AWS region of Bedrock; becomes `AWS_REGION_NAME`.
    pub aws_region_name: Option<String>,
    /// The keys of the models' providers.
    #[serde(flatten)]
    pub provider_keys: ProviderKeys,
}

/// The keys of the models' providers. Set the one of the model's provider; empty means none.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ProviderKeys {
    /// The key for OpenAI; becomes `OPENAI_API_KEY`.
    pub openai_api_key: Option<Secret>,
    /// The key for Anthropic; becomes `ANTHROPIC_API_KEY`.
    pub anthropic_api_key: Option<Secret>,
    /// The key for Azure OpenAI; becomes `AZURE_API_KEY`.
    pub azure_api_key: Option<Secret>,
    /// The key for Google Gemini; becomes `GEMINI_API_KEY`.
    pub gemini_api_key: Option<Secret>,
    /// The key for Cohere; becomes `COHERE_API_KEY`.
    pub cohere_api_key: Option<Secret>,
    /// The key for Mistral; becomes `MISTRAL_API_KEY`.
    pub mistral_api_key: Option<Secret>,
    /// The key for Groq; becomes `GROQ_API_KEY`.
    pub groq_api_key: Option<Secret>,
    /// The key for Anyscale; becomes `ANYSCALE_API_KEY`.
    pub anyscale_api_key: Option<Secret>,
    /// The key for OpenRouter; becomes `OPENROUTER_API_KEY`.
    pub openrouter_api_key: Option<Secret>,
    /// The key for Perplexity; becomes `PERPLEXITYAI_API_KEY`.
    pub perplexityai_api_key: Option<Secret>,
    /// The key for Fireworks AI; becomes `FIREWORKS_AI_API_KEY`.
    pub fireworks_ai_api_key: Option<Secret>,
    /// The key for Together AI; becomes `TOGETHERAI_API_KEY`.
    pub togetherai_api_key: Option<Secret>,
    /// The key for DeepInfra; becomes `DEEPINFRA_API_KEY`.
    pub deepinfra_api_key: Option<Secret>,
    /// The key for AI21; becomes `AI21_API_KEY`.
    pub ai21_api_key: Option<Secret>,
    /// The key for NLP Cloud; becomes `NLP_CLOUD_API_KEY`.
    pub nlp_cloud_api_key: Option<Secret>,
    /// The key for Replicate; becomes `REPLICATE_API_KEY`.
    pub replicate_api_key: Option<Secret>,
    /// The key for Hugging Face; becomes `HF_TOKEN`.
    pub hf_token: Option<Secret>,
    /// The key for Databricks; becomes `DATABRICKS_TOKEN`.
    pub databricks_token: Option<Secret>,
    /// The key for Clarifai; becomes `CLARIFAI_PAT`.
    pub clarifai_pat: Option<Secret>,
    /// The key for Voyage; becomes `VOYAGE_API_KEY`.
    pub voyage_api_key: Option<Secret>,
    /// The key for Jina AI; becomes `JINAAI_API_KEY`.
    pub jinaai_api_key: Option<Secret>,
    /// The key for Aleph Alpha; becomes `ALEPHALPHA_API_KEY`.
    pub alephalpha_api_key: Option<Secret>,
    /// The key for Baseten; becomes `BASETEN_API_KEY`.
    pub baseten_api_key: Option<Secret>,
    /// The key for SambaNova; becomes `SAMBANOVA_API_KEY`.
    pub sambanova_api_key: Option<Secret>,
    /// The key for Featherless AI; becomes `FEATHERLESS_AI_API_KEY`.
    pub featherless_ai_api_key: Option<Secret>,
    /// The key for Ollama; becomes `OLLAMA_API_KEY`.
    pub ollama_api_key: Option<Secret>,
    /// The key for IBM watsonx; becomes `IBM_API_KEY`.
    pub ibm_api_key: Option<Secret>,
    /// The key for Predibase; becomes `PREDIBASE_API_KEY`.
    pub predibase_api_key: Option<Secret>,
    /// The key for NVIDIA NGC; becomes `NVIDIA_NGC_API_KEY`.
    pub nvidia_ngc_api_key: Option<Secret>,
    /// The key for xAI; becomes `XAI_API_KEY`.
    pub xai_api_key: Option<Secret>,
    /// The key for Volcengine; becomes `VOLCENGINE_API_KEY`.
    pub volcengine_api_key: Option<Secret>,
    /// The key for Moonshot; becomes `MOONSHOT_API_KEY`.
    pub moonshot_api_key: Option<Secret>,
    /// The key for DeepSeek; becomes `DEEPSEEK_API_KEY`.
    pub deepseek_api_key: Option<Secret>,
}

/// The keys that are secret, as values have them: those that an existing Secret replaces.
///
/// They are read off the type's schema, so that a provider that is added above can't be forgotten here.
pub(super) fn inline_keys() -> Vec<String> {
    let schema = schemars::SchemaGenerator::default().into_root_schema_for::<EngineSecrets>();
    let properties = schema.get("properties").and_then(|properties| properties.as_object());
    let secret = |property: &serde_json::Value| property.get("writeOnly").is_some();
    properties
        .into_iter()
        .flatten()
        .filter(|(_, property)| secret(property))
        .map(|(key, _)| key.clone())
        .collect()
}
