//! Every adapter passes its port's contract.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as tests do")]

mod painter {
    hydra_actors::painter_contract!(Some(hydra_connectors::adapters::StudioPainter));
}

mod scorer {
    use hydra_actors::ports::contract::scorer::Pictures;
    use hydra_connectors::adapters::StudioScorer;
    use hydra_connectors::studio::picture::{PictureBrief, Subject, render};

    struct Studio;

    impl Pictures for Studio {
        type Scorer = StudioScorer;

        fn scorer(&self) -> &StudioScorer {
            &StudioScorer
        }

        fn drawn(&self) -> Vec<u8> {
            let subject = Subject::Bust {
                character: "keeper".into(),
                traits: vec!["grey beard".into()],
                clothing: "a blue coat".into(),
                palette: Vec::new(),
                outfit: String::new(),
                expression: "sad".into(),
            };
            let [lighting, mood, prompt] = [String::new(), String::new(), String::new()];
            render(&PictureBrief { subject, lighting, mood, prompt }, 1, (280, 360)).unwrap()
        }

        fn empty(&self) -> Vec<u8> {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 280, 360);
            encoder.set_color(png::ColorType::Rgba);
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&[128_u8, 128, 128, 255].repeat(280 * 360)).unwrap();
            writer.finish().unwrap();
            bytes
        }
    }

    hydra_actors::scorer_contract!(Some(Studio));
}

mod blips {
    use hydra_connectors::adapters::StudioSpeaker;
    use hydra_connectors::speech::BlipEngine;

    hydra_actors::speaker_contract!(Some(StudioSpeaker::Blip(BlipEngine)));
}

mod espeak {
    use hydra_connectors::adapters::StudioSpeaker;
    use hydra_connectors::speech::EspeakEngine;

    /// The real engine, where it is installed; required, its absence is a failure.
    async fn installed() -> Option<StudioSpeaker> {
        let required = std::env::var_os("HYDRA_TEST_REQUIRE").unwrap_or_default();
        let demanded = required.to_string_lossy().split(',').any(|name| name.trim() == "espeak");
        let found = EspeakEngine::detect().await.map(StudioSpeaker::Espeak);
        assert!(
            found.is_some() || !demanded,
            "HYDRA_TEST_REQUIRE names espeak, and espeak-ng is not installed"
        );
        found
    }

    hydra_actors::speaker_contract!(installed().await);
}

mod author {
    hydra_actors::author_contract!(Some(hydra_connectors::adapters::PlaceholderAuthor));
}

mod embedder {
    hydra_actors::embedder_contract!(Some(hydra_connectors::adapters::StudioEmbedder));
}

mod calendar {
    hydra_actors::calendar_contract!(Some(hydra_connectors::calendar::CronCalendar));
}
