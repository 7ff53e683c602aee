//! Asking what is connected with what. Only a store that knows graphs can say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Views;
use crate::associative::VIEW;
use crate::rows::{Connections, NodeRow};
use crate::store::graph::{Graph, Link};
use crate::store::{Generation, StoreError, no_generation};

impl Views {
    /// What `node` is connected with, in both directions.
    pub async fn neighbours(&self, node: &str) -> Result<Connections, StoreError> {
        connections(self.graph().await?.neighbours(&VIEW, node).await?)
    }

    /// A shortest way from `from` to `to` through the story, whichever way its connections lead; `None` where there is
    /// none.
    pub async fn path(&self, from: &str, to: &str) -> Result<Option<Connections>, StoreError> {
        self.graph().await?.path(&VIEW, from, to).await?.map(connections).transpose()
    }

    /// What `node` came from: of a picture or a file its renders, prompts, seeds, engines, models, references, attempts,
    /// reviews, scores, policy and approvals.
    pub async fn provenance(&self, node: &str) -> Result<Connections, StoreError> {
        connections(self.graph().await?.provenance(&VIEW, node).await?)
    }

    async fn graph(&self) -> Result<&dyn Graph, StoreError> {
        let store = self.store(&VIEW)?;
        // What is wiped is not taken for one that knows nothing.
        let Some(found) = store.checkpoint(&VIEW, Generation::Live).await? else {
            return Err(no_generation(&VIEW, Generation::Live));
        };
        self.refuse_foreign(&VIEW, &found)?;
        store.graph().ok_or_else(|| {
            let reason =
                format!("{} cannot say what is connected: keep it in sqlite or neo4j", store.shown());
            StoreError::Refused(format!("the view {}: {reason}", VIEW.name))
        })
    }
}

fn connections(links: Vec<Link>) -> Result<Connections, StoreError> {
    let (mut edges, mut nodes) = (Vec::new(), BTreeMap::new());
    for Link { edge, source, target } in links {
        edges.push(serde_json::from_value(edge.into())?);
        for row in [source, target] {
            let node: NodeRow = serde_json::from_value(Value::Object(row))?;
            nodes.insert(node.id.clone(), node);
        }
    }
    Ok(Connections { edges, nodes: nodes.into_values().collect() })
}
