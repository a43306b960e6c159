//! The engine's secrets, and the settings of the language model that travel with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::profiles::scalar::IntText;
use crate::profiles::secret::Secret;

/// The language model, its keys and the engine's own secrets.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct EngineSecrets {
    /// A Secret that holds the keys under the names of their variables, instead of a rendered one: `JWT_SECRET`,
    /// the model's key, `LLM_MODEL` unless `llmModel` is set, and `REDIS_URL` and `POSTGRES_DATABASE_URL` for
    /// external stores that the values say nothing about.
    pub existing_secret: Option<String>,
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
    pub integrations_secret_namespace: Option<String>,
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
